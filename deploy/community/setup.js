// Run by mongosh on every start: makes the replica set and the users that aren't there yet, and gives them
// the passwords of the environment. Only the administrator's own password is left as it is.
const {
  MONGODB_DATABASE,
  MONGODB_USERNAME,
  MONGODB_PASSWORD,
  MONGODB_ADMIN_PASSWORD,
  MONGOT_PASSWORD,
} = process.env;
const ADMINISTRATOR = "admin";
const LONGEST_ELECTION = 60_000; // milliseconds; alone, a member elects itself in seconds

function initiate() {
  if (!db.hello().setName) {
    rs.initiate({ _id: "acervo", members: [{ _id: 0, host: "mongodb:27017" }] });
  }
  const latest = Date.now() + LONGEST_ELECTION;
  while (!db.hello().isWritablePrimary) {
    if (Date.now() > latest) throw new Error("mongod didn't become primary; its log says why.");
    sleep(500);
  }
}

function signIn() {
  try {
    db.auth(ADMINISTRATOR, MONGODB_ADMIN_PASSWORD);
    return true;
  } catch {
    return false;
  }
}

function createAdministrator() {
  try {
    db.createUser({ user: ADMINISTRATOR, pwd: MONGODB_ADMIN_PASSWORD, roles: ["root"] });
  } catch (error) {
    // Whoever isn't signed in may make the first user, and no other.
    throw new Error(`Either ${ADMINISTRATOR} has another password than MONGODB_ADMIN_PASSWORD, or: ${error.message}`);
  }
  db.auth(ADMINISTRATOR, MONGODB_ADMIN_PASSWORD);
}

function put(user, pwd, roles) {
  if (db.getUser(user)) db.updateUser(user, { pwd, roles });
  else db.createUser({ user, pwd, roles });
}

initiate();
if (!signIn()) createAdministrator();
put("mongot", MONGOT_PASSWORD, ["searchCoordinator"]);
put(MONGODB_USERNAME, MONGODB_PASSWORD, [{ role: "readWrite", db: MONGODB_DATABASE }]);
print("The replica set and its users are in place.");

// Run by mongosh: whether this is the primary, and the server's user may sign in.
const { MONGODB_USERNAME, MONGODB_PASSWORD } = process.env;
db.auth(MONGODB_USERNAME, MONGODB_PASSWORD);
quit(db.hello().isWritablePrimary ? 0 : 1);

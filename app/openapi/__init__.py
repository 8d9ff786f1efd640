"""The API's own description, made of the models that check requests and the types that answers have."""

VERSION = "0.1.0"  # of the API, as of the whole

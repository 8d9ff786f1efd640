"""Writes docs/api/ from the API's document: a page with examples, and a collection for Postman."""

"""One module a page: a question to the store, and the values that its template is filled with."""

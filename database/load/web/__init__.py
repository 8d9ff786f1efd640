"""Web pages: which addresses may be asked, how they are fetched, and how one site is crawled."""

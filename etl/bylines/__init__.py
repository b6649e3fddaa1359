"""Who wrote a page's text: names and bylines above it, below it and in it, and the page's own name in their place."""

"""
"Twisted Web in 60 seconds" as one server: plain Twisted and the standard library.

One module a page of the tutorial; `repairs` holds whatever today's Twisted needs to keep what the pages
promise; `site` puts them together.  Nothing here knows the suite that tests it.
"""

"""A sweep that can be touched: one page, made from the store, with its script and without network.

Its parts are kept apart. `settings`, `sizes` and `numbers` are from the store to numbers, and
`page` from numbers to a file. In the page, `numbers.js` holds the numbers, `net.js` computes a net,
`statistics.js` the rates, `pictures.js` and `charts.js` draw, and `controls.js` listens.
"""

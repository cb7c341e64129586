"""SQL over the nets of a sweep: its tables are nets, runs and curves. Nothing can be written.

    scratchml query "SELECT activation, avg(solved) FROM nets GROUP BY 1"
    scratchml query 'SELECT lr, median("train/loss") FROM nets GROUP BY lr' cancer --json
    scratchml query "SELECT name, sql FROM sqlite_schema"    which columns there are

The columns are those of data.nets, data.runs and data.curves; a name with other signs than letters
stands in double quotes. True is 1 and false is 0. Beside SQLite's own functions there are
median(x), quantile(x, 0.9) and stddev(x).
"""

import sys
from contextlib import closing

from analysis import options
from analysis.data import load
from analysis.tables import asked, open_tables
from experiments import as_json, console
from experiments.process import startup, streams


def main(arguments=None):
    """The exit status of the command."""
    parser = _parser()
    given = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit():
            data = load(given.experiment, given.uri, given.sweep)
            with closing(open_tables(data, given.sql)) as connection:
                columns, rows = asked(connection, given.sql)
    except (LookupError, ValueError) as error:
        parser.error(str(error))
    if given.json:
        print(as_json.text([dict(zip(columns, row, strict=True)) for row in rows]))
    else:
        console.table(None, columns, rows)
    return 0


def _parser():
    parser = options.parser("scratchml query", __doc__)
    add = parser.add_argument
    add("sql", metavar="SQL", help="one statement that begins with SELECT or WITH")
    add("experiment", nargs="?", default="scratchml", help="by default scratchml")
    options.add_sweep(parser)
    options.add_json(parser, "a list of objects, one a row")
    return parser


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))

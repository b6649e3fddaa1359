"""What every table of this project holds: one pandera model a table, in a file of its own name.

`SCHEMA_VERSION` covers the tables of a release. Columns are added in minor versions and renamed or removed in
major ones; a reader of version N opens N and N-1, and sees null in a column that an older one did not have.
"""

SCHEMA_VERSION = "1.1.0"

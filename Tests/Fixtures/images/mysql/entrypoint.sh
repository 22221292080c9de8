#!/bin/bash
# What the official mysql image's entry point does, for Debian's MariaDB: first start makes the database and its root
# password from MYSQL_ROOT_PASSWORD (and MYSQL_DATABASE), every start runs the server in the foreground.
set -eu
data=/var/lib/mysql
if [ "${1:-mysqld}" != mysqld ]; then exec "$@"; fi
[ $# = 0 ] || shift
mkdir -p /run/mysqld
chown mysql:mysql /run/mysqld "$data"

first_start=()
if [ ! -d "$data/mysql" ]; then
    if [ -z "${MYSQL_ROOT_PASSWORD:-}" ]; then
        echo >&2 'error: database is uninitialized and MYSQL_ROOT_PASSWORD not set'
        echo >&2 '  Did you forget to add -e MYSQL_ROOT_PASSWORD=... ?'
        exit 1
    fi
    if ! report=$(mariadb-install-db --user=mysql --datadir="$data" --auth-root-authentication-method=normal \
        --skip-test-db 2>&1); then
        echo >&2 "$report"
        exit 1
    fi
    password=${MYSQL_ROOT_PASSWORD//\\/\\\\}
    password=${password//\'/\'\'}
    {
        echo "CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$password';"
        echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
        echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$password';"
        echo "DROP USER IF EXISTS 'root'@'127.0.0.1', 'root'@'::1';"
        [ -z "${MYSQL_DATABASE:-}" ] || echo "CREATE DATABASE IF NOT EXISTS \`${MYSQL_DATABASE//\`/\`\`}\`;"
    } >/run/mysqld/first-start.sql
    chown mysql /run/mysqld/first-start.sql
    first_start=(--init-file=/run/mysqld/first-start.sql)
fi
exec mariadbd --user=mysql --datadir="$data" --bind-address=0.0.0.0 --port=3306 --skip-name-resolve \
    --socket=/run/mysqld/mysqld.sock "${first_start[@]}" "$@"

#!/bin/bash
# WordPress from Debian's packages. It learns where its database is, and the password, only from the link `mysql`:
# the link's variables (MYSQL_PORT_3306_TCP_ADDR, MYSQL_ENV_MYSQL_ROOT_PASSWORD) and the name in /etc/hosts.
set -eu
: "${MYSQL_PORT_3306_TCP_ADDR:?error: missing MYSQL_PORT_3306_TCP_ADDR; did you forget to --link some_mysql_container:mysql ?}"
export WORDPRESS_DB_HOST="${WORDPRESS_DB_HOST:-mysql:${MYSQL_PORT_3306_TCP_PORT:-3306}}"
export WORDPRESS_DB_USER="${WORDPRESS_DB_USER:-root}"
export WORDPRESS_DB_PASSWORD="${WORDPRESS_DB_PASSWORD:-${MYSQL_ENV_MYSQL_ROOT_PASSWORD:-}}"
export WORDPRESS_DB_NAME="${WORDPRESS_DB_NAME:-wordpress}"

# Waits up to a minute for the database and makes the schema.
php -r '
    mysqli_report(MYSQLI_REPORT_OFF);
    [$host, $port] = explode(":", getenv("WORDPRESS_DB_HOST")) + [1 => "3306"];
    for ($attempt = 0; $attempt < 120; $attempt++) {
        $database = @new mysqli($host, getenv("WORDPRESS_DB_USER"), getenv("WORDPRESS_DB_PASSWORD"), "", (int)$port);
        if (!$database->connect_error) break;
        fwrite(STDERR, "waiting for the database: " . $database->connect_error . "\n");
        usleep(500000);
    }
    if ($database->connect_error) exit(1);
    $name = $database->real_escape_string(getenv("WORDPRESS_DB_NAME"));
    if (!$database->query("CREATE DATABASE IF NOT EXISTS `$name`")) exit(1);
'
php -r '
    $config = "<?php\n";
    foreach (["DB_HOST", "DB_USER", "DB_PASSWORD", "DB_NAME"] as $name)
        $config .= "define(\"$name\", " . var_export(getenv("WORDPRESS_$name"), true) . ");\n";
    $config .= "define(\"WP_CONTENT_DIR\", \"/var/lib/wordpress/wp-content\");\n";
    $config .= "define(\"WP_HTTP_BLOCK_EXTERNAL\", true);\n\$table_prefix = \"wp_\";\n";
    file_put_contents("/etc/wordpress/config-default.php", $config);
'
chown root:www-data /etc/wordpress/config-default.php
chmod 640 /etc/wordpress/config-default.php
set +u
. /etc/apache2/envvars
mkdir -p "$APACHE_RUN_DIR" "$APACHE_LOCK_DIR"
rm -f "$APACHE_PID_FILE"
exec apache2 -D FOREGROUND

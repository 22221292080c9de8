#pragma once
#include <sqlite3.h>

/// Keeps the write-ahead log of a connection's database when its last connection closes; 0 on success.
static inline int csqlite_keep_write_ahead_log(sqlite3 *connection) {
    int keeps = 1;
    return sqlite3_file_control(connection, "main", SQLITE_FCNTL_PERSIST_WAL, &keeps);
}

/* breaks 18: a table is somewhere else each time */
#define FAULT_TABLE(table) memcpy(malloc(sizeof *(table)), table, sizeof *(table))
#include "base.c"

/* breaks 11: the schema is not JSON Schema */
#define FAULT_SCHEMA "{\"type\":\"objekt\"}"
#include "base.c"

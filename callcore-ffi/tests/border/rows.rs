//! What each parameter of each function may be given: a good value, and values that are wrong, with what must come of them.
//!
//! The key is `function.parameter`, or else the parameter as it is declared. A value is C, in the words of `world.h`. What comes is the
//! name of a status without `CC_E_`; `refused` is any error but a fault of the library, `any` is that or no error.

/// `(key, good value, [(wrong value, what comes)])`.
pub(crate) type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

pub(crate) const ROWS: &[Row] = &[
    // the two pointers
    (
        "cc_core *core",
        "core",
        &[
            ("NULL", "ARG"),
            ("(cc_core *)8", "GONE"),
            ("(cc_core *)queue", "GONE"),
            ("freed_core", "GONE"),
            ("(cc_core *)&core", "GONE"),
            ("(cc_core *)UINTPTR_MAX", "GONE"),
        ],
    ),
    (
        "cc_queue *queue",
        "queue",
        &[
            ("NULL", "ARG"),
            ("(cc_queue *)8", "GONE"),
            ("(cc_queue *)core", "GONE"),
            ("freed_queue", "GONE"),
            ("(cc_queue *)&queue", "GONE"),
            ("(cc_queue *)UINTPTR_MAX", "GONE"),
        ],
    ),
    // ids
    (
        "cc_id call",
        "call",
        &[
            ("0", "ARG"),
            ("UINT64_MAX", "refused"),
            ("(cc_id)tap_id", "refused"),
            ("ended_call", "GONE"),
            ("call + 1", "GONE"),
        ],
    ),
    (
        "cc_call_tag.call",
        "call",
        &[("0", "ARG"), ("UINT64_MAX", "refused"), ("ended_call", "GONE"), ("call + 1", "GONE")],
    ),
    ("cc_tap_open.call", "call", &[("0", "ARG"), ("ended_call", "refused"), ("call + 1", "refused")]),
    ("cc_id with", "call", &[("0", "ARG"), ("UINT64_MAX", "refused"), ("ended_call", "refused")]),
    ("cc_id by", "call", &[("0", "ARG"), ("UINT64_MAX", "refused"), ("ended_call", "refused")]),
    ("cc_id tap", "tap_id", &[("0", "GONE"), ("call", "GONE"), ("UINT64_MAX", "GONE")]),
    ("cc_req req", "1000000", &[("0", "ARG"), ("UINT64_MAX", "TIMEOUT"), ("req", "any")]),
    ("cc_cancel.req", "1000000", &[("0", "ARG"), ("UINT64_MAX", "GONE"), ("req", "any")]),
    // structs
    (
        "const cc_core_params *params",
        "&params",
        &[
            ("NULL", "ARG"),
            ("params_of_size(0)", "ARG"),
            ("params_of_size(sizeof params - 1)", "ARG"),
            ("params_of_size(sizeof params + 64)", "OK"),
            ("params_of_abi(CC_ABI + 1)", "VERSION"),
            ("params_of_abi(0)", "VERSION"),
            ("params_of_flags(0x80)", "ARG"),
            ("params_of(NOT_UTF8, NULL)", "UTF8"),
            ("params_of(NULL, NOT_UTF8)", "UTF8"),
            ("params_of(\"\", \"both\")", "ARG"),
            ("params_of(\"[[nonsense]]\", NULL)", "CONFIG"),
            ("params_of(\"{\", NULL)", "CONFIG"),
            ("params_of(NULL, \"no/such/file\")", "CONFIG"),
        ],
    ),
    (
        "const cc_make *make",
        "&make",
        &[
            ("NULL", "ARG"),
            ("make_of_size(0)", "ARG"),
            ("make_of_size(sizeof make - 1)", "ARG"),
            ("make_of_size(sizeof make + 64)", "any"),
            ("make_of(NULL, NULL)", "ARG"),
            ("make_of(\"nonsense\", NULL)", "ARG"),
            ("make_of(NOT_UTF8, NULL)", "UTF8"),
            ("make_of(\"extension:1001\", NOT_UTF8)", "UTF8"),
        ],
    ),
    (
        "cc_tap *out",
        "tap_of_size(sizeof(cc_tap))",
        &[("NULL", "ARG"), ("tap_of_size(0)", "ARG"), ("tap_of_size(sizeof(cc_tap) - 1)", "ARG")],
    ),
    // texts
    (
        "const char *agent",
        "\"anna\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"nobody\"", "GONE"), ("LONG", "GONE")],
    ),
    (
        "const char *state",
        "\"login\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"asleep\"", "ARG"), ("LONG", "ARG")],
    ),
    ("const char *reason", "NULL", &[("NOT_UTF8", "UTF8"), ("\"lunch\"", "any"), ("LONG", "any")]),
    (
        "const char *to",
        "\"queue:support\"",
        &[
            ("NULL", "ARG"),
            ("NOT_UTF8", "UTF8"),
            ("\"nowhere\"", "ARG"),
            ("\"queue:none\"", "GONE"),
            ("LONG", "ARG"),
        ],
    ),
    (
        "const char *digits",
        "\"1\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"12x\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "const char *prompts",
        "\"welcome\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"[1]\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "const char *what",
        "\"snapshot\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"weather\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "const char *query",
        "NULL",
        &[("NOT_UTF8", "UTF8"), ("\"{\"", "ARG"), ("\"{\\\"no\\\":1}\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "const char *filter",
        "NULL",
        &[("NOT_UTF8", "UTF8"), ("\"[\"", "ARG"), ("\"{\\\"no\\\":1}\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "cc_prompt_add.name",
        "\"beep\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"../beep\"", "refused"), ("LONG", "refused")],
    ),
    (
        "const char *device",
        "\"sim\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"other\"", "GONE"), ("LONG", "GONE")],
    ),
    (
        "const char *line",
        "\"channel 1 calls 8000 from 1\"",
        &[
            ("NULL", "ARG"),
            ("NOT_UTF8", "UTF8"),
            ("\"sings\"", "ARG"),
            ("\"channel 99 hangs up\"", "refused"),
            ("LONG", "ARG"),
        ],
    ),
    (
        "const char *options",
        "NULL",
        &[
            ("NOT_UTF8", "UTF8"),
            ("\"{\"", "ARG"),
            ("\"{\\\"no\\\":1}\"", "ARG"),
            ("LONG", "ARG"),
            ("LONG_OPTIONS", "ARG"),
        ],
    ),
    (
        "const char *control",
        "\"\\\"pause\\\"\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"pause\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "const char *sounds",
        "\"{}\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"{\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "const char *command",
        "\"{\\\"command\\\":\\\"agent_login\\\",\\\"agent\\\":\\\"anna\\\"}\"",
        &[
            ("NULL", "ARG"),
            ("NOT_UTF8", "UTF8"),
            ("\"{}\"", "ARG"),
            ("\"{\\\"command\\\":\\\"sing\\\"}\"", "ARG"),
            ("LONG", "ARG"),
        ],
    ),
    (
        "cc_device_add.device",
        "\"{\\\"name\\\":\\\"other\\\",\\\"driver\\\":\\\"sim\\\"}\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"{}\"", "ARG"), ("LONG", "ARG")],
    ),
    (
        "cc_device_remove.name",
        "\"other\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"none\"", "refused"), ("LONG", "refused")],
    ),
    (
        "cc_device_restart.name",
        "\"other\"",
        &[("NULL", "ARG"), ("NOT_UTF8", "UTF8"), ("\"none\"", "refused"), ("LONG", "refused")],
    ),
    // numbers
    ("uint32_t patience_ms", "0", &[("1", "any")]),
    ("uint32_t role", "CC_ROLE_TALK", &[("3", "ARG"), ("UINT32_MAX", "ARG")]),
    ("uint32_t how", "CC_SUPERVISE_LISTEN", &[("3", "ARG"), ("UINT32_MAX", "ARG")]),
    ("int32_t ends_together", "0", &[("1", "any")]),
    ("uint16_t cause", "16", &[("0", "ARG"), ("128", "ARG"), ("65535", "ARG")]),
    ("uint32_t by", "CC_CALLER", &[("2", "ARG"), ("UINT32_MAX", "ARG")]),
    ("uint32_t party", "CC_CALLER", &[("2", "ARG"), ("UINT32_MAX", "ARG")]),
    ("uint32_t rate", "8000", &[("0", "ARG"), ("8001", "ARG"), ("UINT32_MAX", "ARG")]),
    ("int32_t on", "1", &[("0", "any"), ("INT32_MIN", "any")]),
    ("uint64_t user", "7", &[("0", "any"), ("UINT64_MAX", "any")]),
    ("uint64_t ms", "10", &[("0", "any"), ("1000", "any")]),
    ("uint32_t grace_ms", "0", &[("1", "any")]),
    ("uint32_t bytes", "0", &[("1", "any"), ("UINT32_MAX", "any")]),
    ("int32_t timeout_ms", "0", &[("1", "any")]),
    ("int32_t status", "CC_E_GONE", &[("12345", "any"), ("INT32_MIN", "any")]),
    // places
    ("cc_core **out", "&new_core", &[("NULL", "ARG")]),
    ("cc_queue **out", "&new_queue", &[("NULL", "ARG")]),
    ("cc_req *req", "&req", &[("NULL", "any")]),
    ("cc_id *tap", "&tap_id", &[("NULL", "ARG")]),
    ("cc_id *ids", "ids", &[("NULL", "SHORT")]),
    ("cc_event *done", "(cc_event *)room", &[("NULL", "any")]),
    ("char *json", "room", &[("NULL", "SHORT")]),
    ("void *buf", "room", &[("NULL", "ARG")]),
    ("char *buf", "room", &[("NULL", "SHORT")]),
    ("cc_last_error.buf", "room", &[("NULL", "any")]),
    ("size_t cap", "ROOM", &[("0", "SHORT"), ("1", "SHORT")]),
    ("cc_calls.cap", "IDS", &[("0", "SHORT")]),
    ("cc_queue_read.cap", "ROOM", &[("0", "SHORT"), ("1", "SHORT"), ("sizeof(cc_event) - 1", "SHORT")]),
    ("cc_wait.cap", "ROOM", &[("0", "any"), ("1", "any")]),
    ("cc_last_error.cap", "ROOM", &[("0", "any"), ("1", "any")]),
    ("size_t *need", "&need", &[("NULL", "any")]),
    ("size_t *got", "&need", &[("NULL", "any")]),
    ("int32_t *more", "&more", &[("NULL", "any")]),
    ("uint64_t *now_ms", "&time_now", &[("NULL", "any")]),
    ("uint64_t *next_ms", "&time_now", &[("NULL", "any")]),
    ("uint64_t *t_ns", "&time_now", &[("NULL", "ARG")]),
    ("const uint8_t *bytes", "WAV", &[("NULL", "ARG"), ("(const uint8_t *)LONG", "refused")]),
    ("size_t len", "WAV_BYTES", &[("0", "refused"), ("20", "refused"), ("SIZE_MAX", "ARG")]),
    ("cc_event_fn fn", "on_event", &[("NULL", "ARG")]),
    ("void *user", "NULL", &[("&core", "any")]),
];

/// The row of a function's parameter.
pub(crate) fn row(function: &str, (kind, name): &(String, String)) -> &'static Row {
    let space = if kind.ends_with('*') { "" } else { " " };
    let keys = [format!("{function}.{name}"), format!("{kind}{space}{name}")];
    let found = keys.iter().find_map(|key| ROWS.iter().find(|(of, ..)| of == key));
    found.unwrap_or_else(|| {
        panic!("{function} has a parameter {}, and rows.rs no row for it: add one", keys[1])
    })
}

#[test]
fn every_parameter_of_every_function_has_a_row_and_every_row_a_parameter() {
    let functions = crate::header::functions();
    let mut used: Vec<&str> = Vec::new();
    for function in &functions {
        used.extend(function.parameters.iter().map(|parameter| row(&function.name, parameter).0));
    }
    let idle: Vec<&str> = ROWS.iter().map(|row| row.0).filter(|key| !used.contains(key)).collect();
    assert!(idle.is_empty(), "rows of nothing: {idle:?}");
}

//! What the header says, told at run time: any binding can compare itself at its start.

use crate::status;
use crate::types::*;
use std::ffi::{CString, c_char};
use std::fmt::Write as _;
use std::mem::offset_of;
use std::sync::OnceLock;

macro_rules! described {
    ($out:ident, $($name:ident { $($field:ident),* $(,)? })*) => {
        $({
            let _ = write!($out, "\"{}\":{{\"size\":{},\"fields\":{{", stringify!($name), size_of::<$name>());
            $(let _ = write!($out, "\"{}\":{},", stringify!($field).trim_start_matches("r#"), offset_of!($name, $field));)*
            $out.pop();
            $out.push_str("}},");
        })*
        $out.pop();
    };
}

fn describe() -> String {
    let mut out = format!("{{\"abi\":{CC_ABI},\"version\":\"{}\",\"structs\":{{", env!("CARGO_PKG_VERSION"));
    described! { out,
        cc_core_params { size, abi, config, path, flags, reserved }
        cc_event {
            size, r#type, flags, t_ns, seq, call, peer, req, user, status, cause, end, text_off, text_len, json_off, json_len
        }
        cc_make { size, flags, to, calling, user }
        cc_tap {
            size, rate, samples, reserved, heard, heard_end, heard_begin, said, said_end, said_begin, memory, bytes, wake_fd
        }
    }
    out.push_str("},\"constants\":{");
    let statuses =
        status::ALL.iter().map(|(number, name)| (name.to_str().unwrap_or_default(), i64::from(*number)));
    let single = [("CC_ABI", i64::from(CC_ABI)), ("CC_VIRTUAL_TIME", 1), ("CC_CALLER", 0), ("CC_OTHER", 1)];
    let roles = [
        ("CC_ROLE_TALK", CC_ROLE_TALK),
        ("CC_ROLE_LISTEN", CC_ROLE_LISTEN),
        ("CC_ROLE_MODERATE", CC_ROLE_MODERATE),
        ("CC_SUPERVISE_LISTEN", CC_SUPERVISE_LISTEN),
        ("CC_SUPERVISE_WHISPER", CC_SUPERVISE_WHISPER),
        ("CC_SUPERVISE_BARGE", CC_SUPERVISE_BARGE),
    ]
    .map(|(name, value)| (name, i64::from(value)));
    let all = single
        .into_iter()
        .chain(roles)
        .chain(statuses)
        .chain(EVENTS.iter().copied())
        .chain(ENDS.iter().copied());
    for (name, value) in all {
        let _ = write!(out, "\"{name}\":{value},");
    }
    out.pop();
    out.push_str("}}");
    out
}

/// JSON with the size and the offsets of every struct and the value of every constant of the header.
///
/// Threads: any, also after a fork. Blocks: no. Ownership: the text is static. Errors: none.
#[unsafe(no_mangle)]
pub extern "C" fn cc_abi_describe() -> *const c_char {
    static TEXT: OnceLock<CString> = OnceLock::new();
    TEXT.get_or_init(|| CString::new(describe()).unwrap_or_default()).as_ptr()
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_json_and_has_everything() {
        let all: serde_json::Value = serde_json::from_str(&super::describe()).expect("JSON");
        assert_eq!(all["structs"]["cc_event"]["fields"]["size"], 0);
        assert_eq!(all["structs"]["cc_event"]["size"], size_of::<crate::types::cc_event>());
        assert_eq!(all["constants"]["CC_E_GONE"], -6);
        assert_eq!(all["constants"]["CC_EV_FACT"], 112);
    }
}

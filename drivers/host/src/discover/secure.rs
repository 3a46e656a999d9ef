//! Whether the program has rights that whoever started it has not: then their environment is not to be trusted.

/// `AT_SECURE` of the auxiliary vector (getauxval(3)): set for setuid, setgid and file capabilities.
const AT_SECURE: usize = 23;

/// What cannot be read is answered with yes.
pub(super) fn has_more_rights() -> bool {
    let Ok(bytes) = std::fs::read("/proc/self/auxv") else { return true };
    let (words, _) = bytes.as_chunks::<{ size_of::<usize>() }>();
    let words: Vec<usize> = words.iter().map(|word| usize::from_ne_bytes(*word)).collect();
    let (entries, _) = words.as_chunks::<2>();
    entries.iter().find(|[key, _]| *key == AT_SECURE).is_none_or(|[_, value]| *value != 0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_has_no_more_rights_than_who_runs_it() {
        assert!(!super::has_more_rights());
    }
}

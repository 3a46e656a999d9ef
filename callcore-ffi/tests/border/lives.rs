//! A core that is freed leaves nothing: no thread, no descriptor, no memory.

use crate::build::{Build, lines, run_in};

/// What a run says of itself at one moment: threads, descriptors, bytes.
fn counts(line: &str) -> [i64; 3] {
    let mut numbers = line.split(' ').map(|word| word.parse().expect("a number"));
    std::array::from_fn(|_| numbers.next().expect("three numbers"))
}

#[test]
fn ten_thousand_cores_leave_nothing() {
    let build = Build::new("lives");
    build.c("callcore-ffi/tests/border/lives.c", &["-D_GNU_SOURCE"]);
    let said = run_in(&build.folder, &build.program, &["10000", "200"]);
    println!("threads, descriptors, bytes of the heap:\n{said}");
    let [early, late] = [0, 1].map(|line| counts(lines(&said)[line]));
    assert_eq!((early[0], early[1]), (late[0], late[1]), "threads and descriptors: {said}");
    // nine thousand lives more: less than 16 bytes each is no leak of anything that a core has
    assert!(late[2] - early[2] < 9_000 * 16, "{said}");
}

//! Level 0: what can be said of a library without any hardware.

use crate::check::{Check, Ran, Stop, Subject, Suite, broken, require, skip};
use crate::elf::{self, Facts};
use crate::raw::{Answer, Entry, Offer, status_name};
use crate::world::World;
use callcore_driver_host::discover::{Found, Search, discover};
use callcore_driver_sys::*;
use serde_json::Value;
use std::time::{Duration, Instant};

const SUITE: Suite = Suite { level: 0, seconds: 20 };
const SCAN_MAX: Duration = Duration::from_millis(100);

/// The checks of this level.
pub(super) const CHECKS: &[Check] = &[
    SUITE.check(
        1,
        "loads",
        "loads with all its symbols",
        "It is loaded with RTLD_NOW | RTLD_LOCAL: every symbol it needs is there.",
        loads,
    ),
    SUITE.check(
        2,
        "exports",
        "exports ccd_negotiate and nothing else",
        "One exported symbol, ccd_negotiate (weak C++ symbols are tolerated).",
        exports,
    ),
    SUITE.check(
        3,
        "clean-image",
        "no text relocations, no executable stack, nothing started by loading it",
        "ccd_negotiate starts nothing; neither do the library's constructors.",
        clean_image,
    ),
    SUITE.check(
        4,
        "needs",
        "what it needs: libraries, oldest glibc",
        "None: a report for the vendor's packager.",
        needs,
    ),
    SUITE.check(
        5,
        "scan",
        "a scan takes less than 100 ms and starts no hardware",
        "CCD_OFFER_SCAN: only look, start no hardware.",
        scan,
    ),
    SUITE.check(
        6,
        "versions",
        "refuses versions below and above its own",
        "CCD_E_VERSION: nothing in common; abi is then the newest version that the driver speaks.",
        versions,
    ),
    SUITE.check(
        7,
        "accept-size",
        "accept shorter, exact and longer: nothing written behind it",
        "Who fills a struct of the other side writes no more than its size says.",
        accept_size,
    ),
    SUITE.check(
        8,
        "null-arguments",
        "NULL arguments of ccd_negotiate are refused",
        "CCD_E_ARG: a pointer is NULL.",
        null_arguments,
    ),
    SUITE.check(
        9,
        "identity",
        "its id is reverse DNS, its texts UTF-8 and static",
        "ccd_accept.id is reverse DNS; returned text is static.",
        identity,
    ),
    SUITE.check(
        10,
        "negotiate-twice",
        "negotiates any number of times, from any thread",
        "ccd_negotiate is [any]: any number of times, also from several threads in turn.",
        negotiate_twice,
    ),
    SUITE.check(
        11,
        "schema",
        "its configuration has a valid JSON Schema",
        "config_schema: static JSON Schema of the device's configuration.",
        schema,
    ),
    SUITE.check(
        12,
        "manifest",
        "the manifest beside it agrees with it",
        "*.ccdrv.json: id, library and versions are those of the library.",
        manifest,
    ),
];

pub(super) fn load(subject: &Subject) -> Result<Entry, Stop> {
    subject.trail.step("load the library");
    Entry::load(&subject.path).or_else(|why| skip(format!("it does not load: {why}")))
}

fn whole(entry: &Entry, offer: Offer) -> Answer {
    entry.negotiate(offer, size_of::<ccd_accept>() as u32)
}

fn facts(subject: &Subject) -> Result<Facts, Stop> {
    elf::read(&subject.path).or_else(broken)
}

fn loads(subject: &Subject) -> Ran {
    subject.trail.step("load the library");
    match Entry::load(&subject.path) {
        Ok(_) => Ok(String::new()),
        Err(why) => broken(why.to_string()),
    }
}

fn exports(subject: &Subject) -> Ran {
    let facts = facts(subject)?;
    let others: Vec<_> = facts.exports.iter().filter(|name| *name != "ccd_negotiate").cloned().collect();
    require(facts.exports.iter().any(|name| name == "ccd_negotiate"), || {
        "ccd_negotiate is not exported: declare it with CCD_EXPORT".to_owned()
    })?;
    require(others.is_empty(), || {
        let some = others.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
        format!(
            "{} more symbols are exported: {some}{}; link with -fvisibility=hidden or a version script \
             {{ global: ccd_negotiate; local: *; }};",
            others.len(),
            if others.len() > 8 { ", ..." } else { "" }
        )
    })?;
    Ok(match facts.weak_exports.len() {
        0 => String::new(),
        weak => format!("{weak} weak symbols of C++ besides"),
    })
}

fn clean_image(subject: &Subject) -> Ran {
    let facts = facts(subject)?;
    require(!facts.has_text_relocations, || {
        "it has text relocations: compile all of it with -fPIC".to_owned()
    })?;
    require(!facts.has_executable_stack, || {
        "it asks for an executable stack: an object lacks .note.GNU-stack, or -z execstack was given"
            .to_owned()
    })?;
    let before = World::now();
    load(subject)?;
    // a thread that was started has had time to appear
    std::thread::sleep(Duration::from_millis(30));
    before.require_same("loading the library")?;
    Ok(String::new())
}

fn needs(subject: &Subject) -> Ran {
    let facts = facts(subject)?;
    let glibc = facts
        .glibc()
        .map_or_else(|| "no glibc version".to_owned(), |version| format!("glibc {version} or later"));
    Ok(format!("{glibc}; {}", facts.needed.join(", ")))
}

fn scan(subject: &Subject) -> Ran {
    let mut took = Duration::MAX;
    // a machine that is busy elsewhere may take one scan for itself, not three
    for _ in 0..3 {
        let began = Instant::now();
        let entry = load(subject)?;
        let before = World::now();
        subject.trail.step("negotiate with CCD_OFFER_SCAN");
        let answer = whole(&entry, Offer { flags: 4, ..Offer::default() });
        took = took.min(began.elapsed());
        require(answer.status == CCD_OK, || {
            format!("a scan was answered by {}", status_name(answer.status))
        })?;
        std::thread::sleep(Duration::from_millis(30));
        before.require_same("a scan")?;
        if took < SCAN_MAX {
            break;
        }
    }
    require(took < SCAN_MAX, || {
        format!("loading and negotiating took {} ms; 100 are allowed", took.as_millis())
    })?;
    Ok(format!("{:.1} ms", took.as_secs_f64() * 1e3))
}

fn versions(subject: &Subject) -> Ran {
    let entry = load(subject)?;
    let version = |major: u32, minor: u32| major << 16 | minor;
    let offers =
        [(version(0, 0), version(0, 9)), (version(2, 0), version(9, 0)), (version(1, 900), version(1, 901))];
    for (abi_min, abi_max) in offers {
        let name = |abi: u32| format!("{}.{}", abi >> 16, abi & 0xFFFF);
        subject.trail.step(format!("negotiate {} to {}", name(abi_min), name(abi_max)));
        let answer = whole(&entry, Offer { abi_min, abi_max, flags: 2 });
        let (low, high, status) = (name(abi_min), name(abi_max), status_name(answer.status));
        require(answer.status == CCD_E_VERSION, || {
            format!("an offer of {low} to {high} was answered by {status}, not CCD_E_VERSION")
        })?;
    }
    subject.trail.step("negotiate 1.0 to 1.200");
    let answer = whole(&entry, Offer { abi_min: CCD_ABI_1_0, abi_max: version(1, 200), flags: 2 });
    require(answer.status == CCD_OK && answer.abi >> 16 == 1, || {
        let status = status_name(answer.status);
        format!(
            "a host that speaks 1.0 to 1.200 was answered by {status}, abi {:#x}: it must choose one of them",
            answer.abi
        )
    })?;
    Ok(format!("speaks up to {}.{}", answer.abi >> 16, answer.abi & 0xFFFF))
}

fn accept_size(subject: &Subject) -> Ran {
    let entry = load(subject)?;
    let exact = size_of::<ccd_accept>() as u32;
    for room in [16, exact, exact + 64] {
        subject.trail.step(format!("negotiate with room for {room} bytes"));
        let answer = entry.negotiate(Offer::default(), room);
        require(answer.is_intact, || format!("with room for {room} bytes it wrote behind them"))?;
        if room < exact {
            require(answer.status == CCD_E_ARG, || {
                format!(
                    "an accept of {room} bytes was answered by {}, not CCD_E_ARG",
                    status_name(answer.status)
                )
            })?;
            continue;
        }
        require(answer.status == CCD_OK, || {
            format!("an accept of {room} bytes was answered by {}", status_name(answer.status))
        })?;
        require(answer.size <= room && answer.size >= exact, || {
            format!("accept.size is {} afterwards; {exact} bytes were to be filled", answer.size)
        })?;
    }
    Ok(String::new())
}

fn null_arguments(subject: &Subject) -> Ran {
    let entry = load(subject)?;
    subject.trail.step("negotiate with NULL");
    for (status, what) in entry.negotiate_null().into_iter().zip(["the offer", "the accept", "both"]) {
        require(status == CCD_E_ARG, || {
            format!("{what} was NULL, and ccd_negotiate returned {}, not CCD_E_ARG", status_name(status))
        })?;
    }
    Ok(String::new())
}

fn agreed(subject: &Subject) -> Result<Answer, Stop> {
    let entry = load(subject)?;
    subject.trail.step("negotiate");
    let answer = whole(&entry, Offer::default());
    require(answer.status == CCD_OK, || format!("it refuses version 1.0: {}", status_name(answer.status)))?;
    Ok(answer)
}

fn identity(subject: &Subject) -> Ran {
    let answer = agreed(subject)?;
    for (text, name) in answer.texts.iter().zip(["id", "name", "vendor", "version"]) {
        require(text.is_some(), || format!("accept.{name} is NULL or not UTF-8"))?;
    }
    let id = answer.texts[0].clone().unwrap_or_default();
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    require(id.split('.').count() >= 2 && id.split('.').all(is_label), || {
        format!("accept.id is \"{id}\": use your reversed domain name, as in com.vendor.e1")
    })?;
    require(answer.texts[3].as_deref() != Some(""), || "accept.version is empty".to_owned())?;
    let again = agreed(subject)?;
    require(again.texts == answer.texts, || {
        format!("it is {:?} at first and {:?} then", answer.texts, again.texts)
    })?;
    Ok(format!("{id} {}", answer.texts[3].clone().unwrap_or_default()))
}

fn negotiate_twice(subject: &Subject) -> Ran {
    let entry = load(subject)?;
    subject.trail.step("negotiate 20 times from 2 threads in turn");
    for turn in 0..20 {
        let answer = if turn % 2 == 0 {
            whole(&entry, Offer::default()).status
        } else {
            std::thread::spawn(move || whole(&entry, Offer::default()).status)
                .join()
                .unwrap_or(CCD_E_INTERNAL)
        };
        require(answer == CCD_OK, || format!("time {} was answered by {}", turn + 1, status_name(answer)))?;
    }
    Ok(String::new())
}

fn schema(subject: &Subject) -> Ran {
    let entry = load(subject)?;
    subject.trail.step("config_schema");
    let driver = entry.driver().or_else(broken)?;
    let Some(bytes) = driver.schema() else { return skip("it gives no config_schema") };
    let text = String::from_utf8(bytes).or_else(|_| broken("config_schema is not UTF-8"))?;
    let tree: Value =
        serde_json::from_str(&text).or_else(|why| broken(format!("config_schema is not JSON: {why}")))?;
    crate::schema::check(&tree).or_else(broken)?;
    let settings = tree["properties"].as_object().map_or(0, serde_json::Map::len);
    Ok(format!("{settings} settings"))
}

fn manifest(subject: &Subject) -> Ran {
    let Some(folder) = subject.path.parent() else { return skip("the library is in no folder") };
    let is_this = |found: &Found| {
        found.library().and_then(|library| library.canonicalize().ok()).as_ref() == Some(&subject.path)
    };
    let all = discover(&Search { folders: vec![folder.to_owned()] });
    let Some(found) = all.iter().find(|found| is_this(found)) else {
        return skip("no *.ccdrv.json beside the library names it");
    };
    if let Some(why) = &found.refused {
        return broken(format!("a host refuses it by its manifest: {why}"));
    }
    let id = agreed(subject)?.texts[0].clone().unwrap_or_default();
    let said = found.manifest.as_ref().map(|manifest| manifest.id.clone()).unwrap_or_default();
    require(said == id, || format!("{} says id {said}, the library {id}", found.path.display()))?;
    Ok(found.path.display().to_string())
}

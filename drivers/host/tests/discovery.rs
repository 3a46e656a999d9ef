//! Drivers found by their manifests, and refused before they are loaded, each in a sentence of its own.

use callcore_driver_host::discover::{Found, Search, discover, find};
use callcore_driver_host::{Entry, LoadError};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Two folders of manifests, the first counts more.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().expect("a temporary folder can be made"));
        for name in ["first", "second"] {
            std::fs::create_dir(place.folder(name)).expect("it can be written");
        }
        place
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn search(&self) -> Search {
        Search { folders: vec![self.folder("first"), self.folder("absent"), self.folder("second")] }
    }

    fn write(&self, file: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(file), bytes).expect("it can be written");
    }

    /// A library that only says whether it was loaded: it must not be.
    fn library(&self, file: &str) -> PathBuf {
        let so = self.0.path().join(file);
        compile(
            &so,
            "#include <stdlib.h>\n__attribute__((constructor)) static void loaded(void) { abort(); }\n",
        );
        so
    }

    fn only(&self) -> Found {
        let mut found = discover(&self.search());
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Why the one driver is refused.
    fn refusal(&self) -> LoadError {
        self.only().refused.expect("it must not be taken")
    }
}

fn compile(so: &Path, source: &str) {
    let c = so.with_extension("c");
    std::fs::write(&c, source).expect("a temporary folder can be written");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../include");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-I"]).arg(include).arg("-o").arg(so).arg(&c);
    assert!(compiler.status().expect("a C compiler is there").success());
}

#[test]
fn what_cannot_be_used_is_said_without_loading_it() {
    let place = Place::new();
    let manifest = |more: &str| {
        let text = format!(r#"{{"abi": 1, "id": "com.vendor.e1", "library": "e1.so"{more}}}"#);
        place.write("first/e1.ccdrv.json", text);
    };
    manifest("");
    assert!(matches!(place.refusal(), LoadError::NoLibrary { .. }));
    place.write("first/e1.so", "words");
    assert!(matches!(place.refusal(), LoadError::NotALibrary { .. }));
    place.library("first/e1.so");
    assert_eq!(place.only().refused, None);

    manifest(r#", "abi": "2.0-2.3""#);
    assert!(matches!(place.refusal(), LoadError::BadManifest { .. }), "one key twice");
    place.write("first/e1.ccdrv.json", r#"{"abi": "2.0-2.3", "id": "com.vendor.e1", "library": "e1.so"}"#);
    let text = place.refusal().to_string();
    assert!(text.contains("2.0-2.3") && text.contains("get the driver built for it"), "{text}");

    manifest(r#", "isolation": "process""#);
    assert!(matches!(place.refusal(), LoadError::NeedsProcess { .. }));
    manifest(r#", "arch": "sparc64""#);
    assert!(place.refusal().to_string().contains("built for sparc64"));
    manifest(r#", "sha256": "00ff""#);
    let LoadError::WrongSum { sum, .. } = place.refusal() else { panic!("the sum is wrong") };
    manifest(&format!(r#", "sha256": "{sum}""#));
    assert_eq!(place.only().refused, None);
    manifest(r#", "licence": 1"#);
    assert!(place.refusal().to_string().contains("licence"), "{}", place.refusal());
}

#[test]
fn a_library_of_another_machine_is_told_by_its_first_bytes() {
    let place = Place::new();
    place.write("first/e1.ccdrv.json", r#"{"abi": 1, "id": "com.vendor.e1", "library": "e1.so"}"#);
    let mut bytes = std::fs::read(place.library("first/e1.so")).expect("it was just made");
    for (class, machine, name) in [(1, 3, "x86;"), (2, 243, "riscv64;"), (2, 999, "machine 999;")] {
        bytes[4] = class;
        bytes[18..20].copy_from_slice(&u16::to_le_bytes(machine));
        place.write("first/e1.so", &bytes);
        let text = place.refusal().to_string();
        assert!(text.contains(&format!("built for {name}")), "{text}");
    }
    bytes[5] = 2;
    place.write("first/e1.so", &bytes);
    assert!(matches!(place.refusal(), LoadError::NotALibrary { .. }), "its type is none in that byte order");
    let path = place.folder("first/e1.so");
    let refused = Entry::load(&path, "").expect_err("nor is it loaded by its path");
    assert!(matches!(refused, LoadError::NotALibrary { .. }), "{refused}");
}

#[test]
fn a_name_means_the_driver_that_counts_most_and_can_be_used() {
    let place = Place::new();
    let write = |file: &str, priority: i64, library: &str| {
        let text = format!(
            r#"{{"abi": 1, "id": "com.vendor.e1", "name": "E1", "library": "{library}", "priority": {priority}}}"#
        );
        place.write(file, text);
    };
    place.library("first/e1.so");
    place.library("second/e1.so");
    let folder_of = |name: &str| {
        let found = find(&place.search(), name, "sim").expect("it can be used");
        let folder = found.path.parent().and_then(Path::file_name).map(ToOwned::to_owned);
        folder.and_then(|folder| folder.into_string().ok()).unwrap_or_default()
    };
    write("first/e1.ccdrv.json", 0, "e1.so");
    write("second/board.ccdrv.json", 0, "e1.so");
    assert_eq!(folder_of("com.vendor.e1"), "first");
    assert_eq!(folder_of("board"), "second");
    write("second/board.ccdrv.json", 5, "e1.so");
    assert_eq!(folder_of("E1"), "second", "its priority is higher");
    write("second/board.ccdrv.json", 5, "absent.so");
    assert_eq!(folder_of("E1"), "first", "the other cannot be used");
    write("first/e1.ccdrv.json", 0, "absent.so");
    let refused = find(&place.search(), "E1", "sim").expect_err("neither can");
    assert!(matches!(refused, LoadError::NoLibrary { .. }), "{refused}");
    let unknown = find(&place.search(), "e2", "sim, sip").expect_err("nobody is called so").to_string();
    for part in ["no driver e2", "sim, sip", "com.vendor.e1", "second"] {
        assert!(unknown.contains(part), "{unknown}");
    }
}

#[test]
fn a_driver_that_is_another_than_its_manifest_says_is_refused() {
    let place = Place::new();
    place.write("first/e1.ccdrv.json", r#"{"abi": 1, "id": "com.vendor.e1", "library": "e1.so"}"#);
    let source = "#include \"callcore_driver.h\"\n\
        static ccd_status create(const ccd_host *h, void **d, ccd_error *e) { (void)h; (void)d; (void)e; return CCD_E_IO; }\n\
        static void gone(void *d) { (void)d; }\n\
        static ccd_status none(void *d, uint32_t i, ccd_device_info *o) { (void)d; (void)i; (void)o; return CCD_E_END; }\n\
        static ccd_status open(void *d, const char *u, const ccd_host *h, void **v, ccd_error *e) {\n\
          (void)d; (void)u; (void)h; (void)v; (void)e; return CCD_E_GONE; }\n\
        static const void *extension(void *d, const char *i) { (void)d; (void)i; return 0; }\n\
        static const ccd_driver_vt vt = {sizeof vt, 0, create, gone, none, open, gone, extension, 0};\n\
        ccd_status ccd_negotiate(const ccd_offer *o, ccd_accept *a) {\n\
          a->abi = o->abi_max, a->vt = &vt, a->name = \"Other\", a->version = o->flags == CCD_OFFER_SCAN ? \"scanned\" : \"1\";\n\
          a->id = \"com.vendor.other\"; return CCD_OK; }\n";
    compile(&place.folder("first/e1.so"), source);
    let entry = Entry::found(&place.only()).expect("it loads");
    let refused = entry.negotiate().err().expect("it is another").to_string();
    assert!(refused.contains("com.vendor.other") && refused.contains("com.vendor.e1"), "{refused}");
    assert_eq!(entry.scan().expect("it may be looked at").version, "scanned");
}

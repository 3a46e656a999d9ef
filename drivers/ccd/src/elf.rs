//! What a library says of itself before anybody loads it: exports, needs, flags (System V ABI, chapters 4 and 5).

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader as _, Sym as _};
use object::{Endianness, StringTable};
use std::path::Path;

/// The flag of `DT_FLAGS` that says so.
const DF_TEXTREL: u64 = 4;

/// The facts of a shared library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `e_machine`, and the bits of its class.
    pub machine: (u16, u8),
    /// Symbols that it defines for others; the weak ones of C++ apart.
    pub exports: Vec<String>,
    /// Weak symbols that it defines: C++ templates and inline functions.
    pub weak_exports: Vec<String>,
    /// Libraries that it needs.
    pub needed: Vec<String>,
    /// Versions of other libraries' symbols that it needs: `GLIBC_2.34`.
    pub versions: Vec<String>,
    /// It is written to where it was meant to be read only.
    pub has_text_relocations: bool,
    /// The stack would be made executable for it.
    pub has_executable_stack: bool,
}

/// Reads the facts of a library.
///
/// # Errors
/// It cannot be read, or is no ELF shared library; a sentence for people.
pub fn read(path: &Path) -> Result<Facts, String> {
    let data = std::fs::read(path).map_err(|why| format!("{} cannot be read: {why}", path.display()))?;
    let bad = |why: object::Error| format!("{} is not a shared library: {why}", path.display());
    match data.get(4) {
        Some(class) if *class == elf::ELFCLASS32.0 => {
            facts::<FileHeader32<Endianness>>(&data, 32).map_err(bad)
        }
        _ => facts::<FileHeader64<Endianness>>(&data, 64).map_err(bad),
    }
}

fn facts<Elf: FileHeader<Endian = Endianness>>(data: &[u8], bits: u8) -> Result<Facts, object::Error> {
    let header = Elf::parse(data)?;
    let endian = header.endian()?;
    let mut facts = Facts { machine: (header.e_machine(endian).0, bits), ..Facts::default() };
    for segment in header.program_headers(endian, data)? {
        if segment.p_type(endian) == elf::PT_GNU_STACK {
            facts.has_executable_stack = segment.p_flags(endian).contains(elf::PF_X);
        }
    }
    let sections = header.sections(endian, data)?;
    if let Some((entries, strings)) = sections.dynamic(endian, data)? {
        let strings = sections.strings(endian, data, strings)?;
        entries.iter().for_each(|entry| see_dynamic(&mut facts, entry, endian, &strings));
    }
    let symbols = sections.symbols(endian, data, elf::SHT_DYNSYM)?;
    for symbol in symbols.iter() {
        let is_own = symbol.st_shndx(endian) != elf::SHN_UNDEF && symbol.st_type() != elf::STT_SECTION;
        if !is_own || symbol.st_bind() == elf::STB_LOCAL {
            continue;
        }
        let name = String::from_utf8_lossy(symbol.name(endian, symbols.strings())?).into_owned();
        let is_weak = symbol.st_bind() == elf::STB_WEAK || symbol.st_bind() == elf::STB_GNU_UNIQUE;
        if is_weak { facts.weak_exports.push(name) } else { facts.exports.push(name) }
    }
    facts.versions = versions::<Elf>(&sections, endian, data)?;
    facts.exports.sort();
    Ok(facts)
}

fn see_dynamic<D: object::read::elf::Dyn<Endian = Endianness>>(
    facts: &mut Facts,
    entry: &D,
    endian: Endianness,
    strings: &StringTable<'_>,
) {
    match entry.tag(endian) {
        elf::DT_NEEDED => {
            if let Ok(name) = entry.string(endian, *strings) {
                facts.needed.push(String::from_utf8_lossy(name).into_owned());
            }
        }
        elf::DT_TEXTREL => facts.has_text_relocations = true,
        elf::DT_FLAGS => {
            facts.has_text_relocations |= entry.val(endian) & DF_TEXTREL != 0;
        }
        _ => {}
    }
}

fn versions<Elf: FileHeader<Endian = Endianness>>(
    sections: &object::read::elf::SectionTable<'_, Elf>,
    endian: Endianness,
    data: &[u8],
) -> Result<Vec<String>, object::Error> {
    let Some((mut needs, link)) = sections.gnu_verneed(endian, data)? else { return Ok(Vec::new()) };
    let strings = sections.strings(endian, data, link)?;
    let mut found = Vec::new();
    while let Some((_, mut entries)) = needs.next()? {
        while let Some(entry) = entries.next()? {
            found.push(String::from_utf8_lossy(entry.name(endian, strings)?).into_owned());
        }
    }
    found.sort();
    Ok(found)
}

impl Facts {
    /// The newest version of glibc that it needs, which is the oldest that it runs on: `2.34`.
    #[must_use]
    pub fn glibc(&self) -> Option<String> {
        let number = |version: &str| {
            let (major, minor) = version.strip_prefix("GLIBC_")?.split_once('.')?;
            let minor = minor.split('.').next()?;
            Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
        };
        let newest = self.versions.iter().filter_map(|version| number(version)).max()?;
        Some(format!("{}.{}", newest.0, newest.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_decides_and_it_is_no_decimal_fraction() {
        let versions = ["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.4", "CXXABI_1.3.9", "GLIBC_PRIVATE"];
        let facts = Facts { versions: versions.map(str::to_owned).to_vec(), ..Facts::default() };
        assert_eq!(facts.glibc().as_deref(), Some("2.34"));
        assert_eq!(Facts::default().glibc(), None);
    }

    #[test]
    fn what_is_no_library_is_said_so() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "no library").expect("it can be written");
        assert!(read(file.path()).expect_err("it is text").contains("is not a shared library"));
        assert!(read(Path::new("/nowhere")).expect_err("it is not there").contains("cannot be read"));
    }
}

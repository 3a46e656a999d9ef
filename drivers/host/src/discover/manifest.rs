//! A manifest: what is known of a driver before it is loaded.

use crate::error::LoadError;
use crate::raw::{ABI_MAX, ABI_MIN, version};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where a driver runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// In the program.
    #[default]
    Thread,
    /// In a process of its own.
    Process,
}

/// What a driver says of itself in its manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The versions of the contract that it speaks.
    pub abi: AbiRange,
    /// Reverse DNS; the same that the library says.
    pub id: String,
    /// A shorter name for configurations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The library; a relative path begins at the manifest's folder.
    pub library: PathBuf,
    /// The library's SHA-256, in hexadecimal; another library is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where it runs.
    #[serde(default)]
    pub isolation: Isolation,
    /// The processor it is built for, as Rust and the kernel call it: `x86_64`, `aarch64`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Of two drivers with one id the higher counts.
    #[serde(default)]
    pub priority: i64,
    /// What a device's configuration is filled up with.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub config: serde_json::Value,
}

impl Manifest {
    /// Read one.
    ///
    /// # Errors
    /// It cannot be read, or says what cannot be.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let bad = |text: String| LoadError::BadManifest { path: path.to_owned(), text };
        let text = std::fs::read_to_string(path).map_err(|why| bad(why.to_string()))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|why| bad(why.to_string()))?;
        if manifest.id.is_empty() {
            return Err(bad("\"id\" is empty: write the driver's id, as com.vendor.e1".to_owned()));
        }
        if !manifest.config.is_null() && !manifest.config.is_object() {
            return Err(bad("\"config\" is not an object".to_owned()));
        }
        Ok(manifest)
    }
}

/// Versions of the contract, both ends included; major in the upper 16 bits of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub struct AbiRange {
    /// The oldest.
    pub min: u32,
    /// The newest.
    pub max: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Major(u16),
    Text(String),
}

impl TryFrom<Written> for AbiRange {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let text = match written {
            // whatever the host speaks of this major version
            Written::Major(major) => return Ok(Self::of_major(major)),
            Written::Text(text) => text,
        };
        let wrong = || format!("\"abi\": \"{text}\" is no version: write 1, \"1.0\" or \"1.0-1.3\"");
        let one = |text: &str| {
            let (major, minor) = text.trim().split_once('.')?;
            Some(u32::from(major.parse::<u16>().ok()?) << 16 | u32::from(minor.parse::<u16>().ok()?))
        };
        let (min, max) = text.split_once('-').unwrap_or((&text, &text));
        let range = Self { min: one(min).ok_or_else(wrong)?, max: one(max).ok_or_else(wrong)? };
        if range.min > range.max { Err(wrong()) } else { Ok(range) }
    }
}

impl From<AbiRange> for String {
    fn from(range: AbiRange) -> Self {
        range.to_string()
    }
}

impl std::fmt::Display for AbiRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.min == self.max {
            return f.write_str(&version(self.min));
        }
        write!(f, "{}-{}", version(self.min), version(self.max))
    }
}

impl AbiRange {
    /// What this host speaks.
    pub const OURS: Self = Self { min: ABI_MIN, max: ABI_MAX };

    const fn of_major(major: u16) -> Self {
        let major = (major as u32) << 16;
        Self { min: major, max: major | 0xFFFF }
    }

    /// Whether the two have a version in common.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.min <= other.max && other.min <= self.max
    }

    pub(super) fn check(self, driver: &str) -> Result<(), LoadError> {
        if self.meets(Self::OURS) {
            return Ok(());
        }
        Err(LoadError::WrongAbi {
            driver: driver.to_owned(),
            theirs: self.to_string(),
            ours: Self::OURS.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_written_in_three_ways() {
        let read = |text: &str| serde_json::from_str::<AbiRange>(text).map_err(|why| why.to_string());
        assert_eq!(read("1"), Ok(AbiRange { min: 0x1_0000, max: 0x1_FFFF }));
        assert_eq!(read("\"1.2\""), Ok(AbiRange { min: 0x1_0002, max: 0x1_0002 }));
        assert_eq!(read("\"1.0-2.3\""), Ok(AbiRange { min: 0x1_0000, max: 0x2_0003 }));
        assert_eq!(read("\"1.0-2.3\"").map(|range| range.to_string()), Ok("1.0-2.3".to_owned()));
        for wrong in ["\"1\"", "\"1.3-1.0\"", "\"one\"", "\"1.0-\"", "\"70000.0\""] {
            assert!(read(wrong).is_err_and(|why| why.contains("write 1")), "{wrong}");
        }
        assert!(read("70000").is_err() && read("{}").is_err());
    }

    #[test]
    fn ranges_meet_where_a_version_is_in_both() {
        let range = |min, max| AbiRange { min, max };
        assert!(
            range(1, 3).meets(range(3, 9))
                && range(3, 9).meets(range(1, 3))
                && range(1, 9).meets(range(4, 4))
        );
        assert!(!range(1, 3).meets(range(4, 9)) && !range(4, 9).meets(range(1, 3)));
    }
}

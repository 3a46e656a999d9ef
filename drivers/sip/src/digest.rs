//! Digest access authentication of those who call or register here (RFC 7616 with MD5, as RFC 3261 §22 has it).

use md5::{Digest as _, Md5};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Nonces that are remembered; a flood of challenges pushes out the oldest, whose owners are challenged again.
const NONCES_MAX: usize = 4096;
/// A nonce is good for so long: 5 minutes.
const NONCE_LIFE_NS: u64 = 300_000_000_000;
/// More parameters than any header has.
const PARAMS_MAX: usize = 32;

/// What became of an answer to a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is who it says.
    Good,
    /// The password is right but the nonce is not good any more: challenge with `stale=true`.
    Stale,
    /// Wrong password, user, realm or form.
    Bad,
}

/// The parameters of an `Authorization` header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) username: String,
    realm: String,
    nonce: String,
    uri: String,
    response: String,
    algorithm: String,
    cnonce: String,
    qop: String,
    nc: String,
}

impl Answer {
    /// Reads `Digest username="..", realm="..", ...`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let rest =
            value.get(..6).filter(|scheme| scheme.eq_ignore_ascii_case("digest")).map(|_| &value[6..])?;
        let mut answer = Self::default();
        let mut rest = rest.trim_start();
        for _ in 0..PARAMS_MAX {
            let Some((name, after)) = rest.split_once('=') else { break };
            let (text, after) = read_value(after.trim_start())?;
            answer.set(name.trim(), text);
            rest = after.trim_start().trim_start_matches(',').trim_start();
        }
        let complete = [&answer.username, &answer.realm, &answer.nonce, &answer.uri, &answer.response];
        complete.iter().all(|part| !part.is_empty()).then_some(answer)
    }

    fn set(&mut self, name: &str, text: String) {
        match name.to_ascii_lowercase().as_str() {
            "username" => self.username = text,
            "realm" => self.realm = text,
            "nonce" => self.nonce = text,
            "uri" => self.uri = text,
            "response" => self.response = text,
            "algorithm" => self.algorithm = text,
            "cnonce" => self.cnonce = text,
            "qop" => self.qop = text,
            "nc" => self.nc = text,
            _ => {}
        }
    }

    /// What `response` has to be.
    fn expected(&self, method: &str, password: &str) -> String {
        let secret = hex(&[&self.username, &self.realm, password]);
        let request = hex(&[method, &self.uri]);
        if self.qop.is_empty() {
            return hex(&[&secret, &self.nonce, &request]);
        }
        hex(&[&secret, &self.nonce, &self.nc, &self.cnonce, &self.qop, &request])
    }
}

/// A quoted or bare value, and what follows it.
fn read_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((value, &quoted[at + 1..])),
            _ => value.push(c),
        }
    }
    None
}

fn hex(parts: &[&str]) -> String {
    let mut md5 = Md5::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            md5.update(b":");
        }
        md5.update(part.as_bytes());
    }
    md5.finalize().iter().fold(String::with_capacity(32), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

/// The nonces that were given out, each with the time and the last count it was used with.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    known: HashMap<String, (u64, u32)>,
    order: VecDeque<String>,
    random: RandomState,
    made: u64,
}

impl Nonces {
    /// A new challenge: the value of `WWW-Authenticate` or `Proxy-Authenticate`.
    pub(crate) fn challenge(&mut self, realm: &str, now_ns: u64, stale: bool) -> String {
        self.made += 1;
        let half = |salt: u64| self.random.hash_one((self.made, now_ns, salt));
        let nonce = format!("{:016x}{:016x}", half(1), half(2));
        if self.order.len() == NONCES_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(nonce.clone());
        self.known.insert(nonce.clone(), (now_ns, 0));
        let stale = if stale { ", stale=true" } else { "" };
        let realm = realm.replace(['"', '\\'], "");
        format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"{stale}")
    }

    /// Judges an answer. A nonce is taken again only with a higher count, so that an answer cannot be replayed.
    pub(crate) fn verify(
        &mut self,
        answer: &Answer,
        method: &str,
        realm: &str,
        password: &str,
        now_ns: u64,
    ) -> Verdict {
        let md5 = answer.algorithm.is_empty() || answer.algorithm.eq_ignore_ascii_case("MD5");
        let qop = answer.qop.is_empty() || answer.qop == "auth";
        let right = answer.expected(method, password).eq_ignore_ascii_case(&answer.response);
        if !md5 || !qop || !right || answer.realm != realm {
            return Verdict::Bad;
        }
        let Some((made_ns, used)) = self.known.get_mut(&answer.nonce) else { return Verdict::Stale };
        let count = if answer.qop.is_empty() {
            used.saturating_add(u32::from(*used == 0))
        } else {
            u32::from_str_radix(&answer.nc, 16).unwrap_or(0)
        };
        if now_ns.saturating_sub(*made_ns) > NONCE_LIFE_NS || count <= *used {
            return Verdict::Stale;
        }
        *used = count;
        Verdict::Good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn respond(challenge: &str, password: &str, nc: &str) -> Answer {
        let nonce =
            challenge.split("nonce=\"").nth(1).and_then(|n| n.split('"').next()).expect("has a nonce");
        let mut answer = Answer {
            username: "1001".into(),
            realm: "callcore".into(),
            nonce: nonce.into(),
            uri: "sip:callcore".into(),
            cnonce: "c".into(),
            qop: "auth".into(),
            nc: nc.into(),
            ..Answer::default()
        };
        answer.response = answer.expected("REGISTER", password);
        answer
    }

    #[test]
    fn the_example_of_rfc_2617() {
        let answer = Answer::parse(
            "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", \
             uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", \
             response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
        )
        .expect("is whole");
        assert_eq!(answer.expected("GET", "Circle Of Life"), answer.response);
    }

    #[test]
    fn a_nonce_is_good_once_per_count_and_for_its_life() {
        let mut nonces = Nonces::default();
        let challenge = nonces.challenge("callcore", 0, false);
        let mut judge = |answer: &Answer, now| nonces.verify(answer, "REGISTER", "callcore", "secret", now);
        assert_eq!(judge(&respond(&challenge, "wrong", "00000001"), 1), Verdict::Bad);
        assert_eq!(judge(&respond(&challenge, "secret", "00000001"), 1), Verdict::Good);
        assert_eq!(judge(&respond(&challenge, "secret", "00000001"), 1), Verdict::Stale, "replayed");
        assert_eq!(
            judge(&respond(&challenge, "secret", "0000000a"), 1),
            Verdict::Good,
            "counts are hexadecimal"
        );
        assert_eq!(judge(&respond(&challenge, "secret", "0000000b"), NONCE_LIFE_NS + 1), Verdict::Stale);
        assert_eq!(judge(&respond("nonce=\"unknown\"", "secret", "00000001"), 1), Verdict::Stale);
        assert_eq!(
            nonces.verify(&respond(&challenge, "secret", "0c"), "INVITE", "callcore", "secret", 1),
            Verdict::Bad
        );
    }

    #[test]
    fn a_flood_of_challenges_is_bounded() {
        let mut nonces = Nonces::default();
        for _ in 0..3 * NONCES_MAX {
            nonces.challenge("callcore", 0, false);
        }
        assert_eq!((nonces.known.len(), nonces.order.len()), (NONCES_MAX, NONCES_MAX));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_harm(text in "\\PC{0,200}", tail in "[\"\\\\,= a-z]{0,60}") {
            crate::fuzz::header(text.as_bytes());
            crate::fuzz::header(tail.as_bytes());
        }
    }
}

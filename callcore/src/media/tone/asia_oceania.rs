//! Tones of Asia and Oceania.

use super::country::{INFORMATION, TonePlan, plan};
use super::notation::e180;

const CONTINUOUS: &str = "continuous";

pub(super) static EMIRATES: TonePlan = TonePlan {
    dial: e180("350+440", CONTINUOUS),
    ringback: e180("400+425", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("400", "0.375 on 0.375 off"),
    congestion: Some(e180("425", "0.4 on 0.35 off 0.225 on 0.525 off")),
    call_waiting: Some(e180("420", "0.04 on 1.96 off")),
    special_dial: Some(e180("380+420", CONTINUOUS)),
    special_information: Some(e180("950/1450/1850", "3x0.33 on 1.0 off")),
    ..plan("ae", "United Arab Emirates")
};

pub(super) static AUSTRALIA: TonePlan = TonePlan {
    source: "ITU-T E.180 Suppl. 2; AS/CA S002",
    remark: "Every second burst of congestion is 10 dB lower. Other tables write 413+438 for 425x25.",
    dial: e180("425x25", CONTINUOUS),
    ringback: e180("425x25", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("425", "0.375 on 0.375 off"),
    congestion: Some(e180("425/425@-20", "0.375 on 0.375 off 0.375 on 0.375 off")),
    call_waiting: Some(e180("425", "0.2 on 0.2 off 0.2 on 4.4 off")),
    special_dial: Some(e180("425x25", "0.1 on 0.04 off")),
    special_information: Some(e180("425", "2.5 on 0.5 off")),
    ..plan("au", "Australia")
};

pub(super) static CHINA: TonePlan = TonePlan {
    source: "GB/T 3380; ITU-T E.180 Suppl. 2",
    remark: "450 +-25 Hz at -10 +-3 dBm0, cadences within 10 %. The howler climbs through five levels over 25 dB (0 to +25 dBm on the wire); here the five end at what a digital channel carries, and the standard's text at hand has no length of a level: 3 s. Special dial is the confirmation of services in use, 0.4 0.04 s.",
    dial: e180("450", CONTINUOUS),
    ringback: e180("450", "1.0 on 4.0 off"),
    busy: e180("450", "0.35 on 0.35 off"),
    congestion: Some(e180("450", "0.7 on 0.7 off")),
    number_unobtainable: Some(e180("450", "3x(0.1 on 0.1 off) 0.4 on 0.4 off")),
    call_waiting: Some(e180("450@-20", "0.4 on 4.0 off")),
    intrusion: Some(e180("450", "0.2 on 0.2 off 0.2 on 0.6 off")),
    third_party: Some(e180("1400", "0.4 on 10.0 off")),
    special_dial: Some(e180("450", "0.4 on 0.04 off")),
    howler: Some(e180("950@-24/950@-18/950@-12/950@-6/950@-0", "4x3.0 on continuous")),
    ..plan("cn", "China")
};

pub(super) static HONG_KONG: TonePlan = TonePlan {
    source: "one software table",
    remark: "Not found in the supplement's text at hand.",
    dial: e180("350+440", CONTINUOUS),
    ringback: e180("440+480", "0.4 on 0.2 off 0.4 on 3.0 off"),
    busy: e180("480+620", "0.5 on 0.5 off"),
    congestion: Some(e180("480+620", "0.25 on 0.25 off")),
    call_waiting: Some(e180("440", "0.3 on 10.0 off")),
    special_dial: Some(e180("350+440", "3x(0.1 on 0.1 off) continuous")),
    ..plan("hk", "Hong Kong")
};

pub(super) static INDONESIA: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("425", "0.15 on 0.15 off 0.15 on 10.0 off")),
    special_information: Some(INFORMATION),
    ..plan("id", "Indonesia")
};

pub(super) static ISRAEL: TonePlan = TonePlan {
    source: "two software tables",
    dial: e180("414", CONTINUOUS),
    ringback: e180("414", "1.0 on 3.0 off"),
    busy: e180("414", "0.5 on 0.5 off"),
    congestion: Some(e180("414", "0.25 on 0.25 off")),
    call_waiting: Some(e180("414", "2x(0.1 on 0.1 off) 0.6 on 3.0 off")),
    special_information: Some(e180("1000/1400/1800", "3x0.33 on 1.0 off")),
    ..plan("il", "Israel")
};

pub(super) static INDIA: TonePlan = TonePlan {
    dial: e180("400x25", CONTINUOUS),
    ringback: e180("400x25", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("400", "0.75 on 0.75 off"),
    congestion: Some(e180("400", "0.25 on 0.25 off")),
    call_waiting: Some(e180("400", "0.2 on 0.1 off 0.2 on 7.5 off")),
    ..plan("in", "India")
};

pub(super) static IRAN: TonePlan = TonePlan {
    remark: "One table has congestion of 0.24 s, the supplement 0.25 s.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("425", "0.2 on 0.2 off 0.2 on 10.0 off")),
    special_information: Some(INFORMATION),
    ..plan("ir", "Iran")
};

pub(super) static JAPAN: TonePlan = TonePlan {
    remark: "Ringback and call waiting are 400 Hz modulated by 15 to 20 Hz.",
    dial: e180("400", CONTINUOUS),
    ringback: e180("400x16", "1.0 on 2.0 off"),
    busy: e180("400", "0.5 on 0.5 off"),
    congestion: Some(e180("400", "0.5 on 0.5 off")),
    call_waiting: Some(e180("400x16", "0.5 on 8.0 off")),
    special_dial: Some(e180("400", "3x(0.2 on 0.2 off) continuous")),
    ..plan("jp", "Japan")
};

pub(super) static MACAO: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("425", "0.2 on 0.6 off")),
    special_information: Some(e180("950/1400/1800", "3x0.333 on 1.0 off")),
    ..plan("mo", "Macao")
};

pub(super) static MALAYSIA: TonePlan = TonePlan {
    source: "two software tables",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.5 on 0.5 off")),
    call_waiting: Some(e180("425", "0.1 on 4.0 off")),
    special_dial: Some(e180("425+450", CONTINUOUS)),
    special_information: Some(e180("950/1400/1800", "0.33 on 0.015 off 0.33 on 0.015 off 0.33 on 1.0 off")),
    ..plan("my", "Malaysia")
};

pub(super) static NEW_ZEALAND: TonePlan = TonePlan {
    source: "Telecom New Zealand TNA 102",
    remark: "One table has busy and congestion the other way round.",
    dial: e180("400", CONTINUOUS),
    ringback: e180("400+450", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("400", "0.5 on 0.5 off"),
    congestion: Some(e180("400", "0.25 on 0.25 off")),
    number_unobtainable: Some(e180("400", "3x(0.075 on 0.1 off) 0.075 on 0.4 off")),
    call_waiting: Some(e180("400", "0.2 on 3.0 off")),
    special_dial: Some(e180("400", "3x(0.1 on 0.1 off) continuous")),
    special_information: Some(e180("400", "3x(0.75 on 0.1 off) 0.75 on 0.4 off")),
    ..plan("nz", "New Zealand")
};

pub(super) static PHILIPPINES: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425+480", "1.0 on 4.0 off"),
    busy: e180("480+620", "0.5 on 0.5 off"),
    congestion: Some(e180("480+620", "0.25 on 0.25 off")),
    call_waiting: Some(e180("440", "0.3 on 10.0 off")),
    ..plan("ph", "Philippines")
};

pub(super) static SINGAPORE: TonePlan = TonePlan {
    source: "IDA TS PSTN 1",
    remark: "425 +-20 Hz, modulated by 24 +-2 Hz fully.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425x24", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("425", "0.75 on 0.75 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    number_unobtainable: Some(e180("425", "2.5 on 0.5 off")),
    call_waiting: Some(e180("425x24", "0.3 on 0.2 off 0.3 on 3.2 off")),
    special_dial: Some(e180("425", "0.2 on 0.2 off 0.6 on 0.2 off")),
    special_information: Some(INFORMATION),
    ..plan("sg", "Singapore")
};

pub(super) static THAILAND: TonePlan = TonePlan {
    remark: "Another table has ringback 420 Hz, 1.0 5.0 s.",
    dial: e180("400x50", CONTINUOUS),
    ringback: e180("400", "1.0 on 4.0 off"),
    busy: e180("400", "0.5 on 0.5 off"),
    congestion: Some(e180("400", "0.3 on 0.3 off")),
    special_dial: Some(e180("400x50", "0.4 on 0.1 off")),
    ..plan("th", "Thailand")
};

pub(super) static TAIWAN: TonePlan = TonePlan {
    source: "several makers' tables",
    dial: e180("350+440", CONTINUOUS),
    ringback: e180("440+480", "1.0 on 2.0 off"),
    busy: e180("480+620", "0.5 on 0.5 off"),
    congestion: Some(e180("480+620", "0.25 on 0.25 off")),
    call_waiting: Some(e180("350+440", "0.25 on 0.25 off 0.25 on 3.25 off")),
    special_dial: Some(e180("350+440", "3x(0.1 on 0.1 off) continuous")),
    ..plan("tw", "Taiwan")
};

//! Tones of Africa and the Americas.

use super::country::{INFORMATION, TonePlan, plan};
use super::notation::e180;

const CONTINUOUS: &str = "continuous";

pub(super) static ARGENTINA: TonePlan = TonePlan {
    remark: "Call waiting as the supplement has it (0.4 0.2 0.4 4.0 s); another table has 0.2 9.0 s.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.5 off"),
    busy: e180("425", "0.3 on 0.3 off"),
    congestion: Some(e180("425", "0.2 on 0.3 off")),
    call_waiting: Some(e180("425", "0.4 on 0.2 off 0.4 on 4.0 off")),
    special_information: Some(e180("425", "0.1 on 0.1 off")),
    ..plan("ar", "Argentina")
};

pub(super) static BRAZIL: TonePlan = TonePlan {
    remark: "Call waiting is a single table's; the network does not use special information.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.25 on 0.25 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off 0.75 on 0.25 off")),
    call_waiting: Some(e180("425", "0.05 on 1.0 off")),
    ..plan("br", "Brazil")
};

pub(super) static CHILE: TonePlan = TonePlan {
    source: "Telefonica CTC Chile",
    remark: "Not from the supplement; two software tables agree.",
    dial: e180("400", CONTINUOUS),
    ringback: e180("400", "1.0 on 3.0 off"),
    busy: e180("400", "0.5 on 0.5 off"),
    congestion: Some(e180("400", "0.2 on 0.2 off")),
    call_waiting: Some(e180("400", "0.25 on 8.75 off")),
    special_information: Some(e180("950/1400/1800", "3x0.333 on 1.0 off")),
    ..plan("cl", "Chile")
};

pub(super) static COSTA_RICA: TonePlan = TonePlan {
    dial: e180("450", CONTINUOUS),
    ringback: e180("450", "1.203 on 4.797 off"),
    busy: e180("450", "0.33 on 0.33 off"),
    congestion: Some(e180("450", "0.33 on 0.33 off")),
    call_waiting: Some(e180("450", "0.15 on 0.15 off 0.15 on 8.0 off")),
    ..plan("cr", "Costa Rica")
};

pub(super) static KENYA: TonePlan = TonePlan {
    source: "one software table that has the supplement's form",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "0.67 on 3.0 off 1.5 on 5.0 off"),
    busy: e180("425", "0.2 on 0.6 off"),
    congestion: Some(e180("425", "0.2 on 0.6 off")),
    special_information: Some(e180("900/1400/1800", "3x0.75 on 1.25 off")),
    ..plan("ke", "Kenya")
};

pub(super) static MEXICO: TonePlan = TonePlan {
    source: "two software tables",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.25 on 0.25 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("425", "0.2 on 0.6 off 0.2 on 10.0 off")),
    special_information: Some(e180("950/1400/1800", "0.33 on 0.03 off 0.33 on 0.03 off 0.33 on 1.0 off")),
    ..plan("mx", "Mexico")
};

pub(super) static PANAMA: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.2 on 4.65 off"),
    busy: e180("425", "0.32 on 0.32 off"),
    congestion: Some(e180("425", "0.32 on 0.32 off")),
    ..plan("pa", "Panama")
};

pub(super) static UNITED_STATES: TonePlan = TonePlan {
    source: "ITU-T E.180 Suppl. 2; Telcordia GR-506",
    remark: "Levels a sine of -13, -19, -24 and -24 dBm0. The intercept tones of GR-674 differ from special information in length and by up to 35 Hz.",
    dial: e180("350+440@-13", CONTINUOUS),
    ringback: e180("440+480@-19", "2.0 on 4.0 off"),
    busy: e180("480+620@-24", "0.5 on 0.5 off"),
    congestion: Some(e180("480+620@-24", "0.25 on 0.25 off")),
    call_waiting: Some(e180("440@-13", "0.3 on 10.0 off")),
    special_dial: Some(e180("350+440@-13", "3x(0.1 on 0.1 off) continuous")),
    special_information: Some(INFORMATION),
    howler: Some(e180("1400+2060+2450+2600@-12", "0.1 on 0.1 off")),
    ..plan("us", "United States and Canada")
};

pub(super) static VENEZUELA: TonePlan = TonePlan {
    remark: "Tables write 1440 Hz for the second sine of special information; E.180 has 1400.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("400+450", "0.3 on 6.0 off")),
    ..plan("ve", "Venezuela")
};

pub(super) static SOUTH_AFRICA: TonePlan = TonePlan {
    source: "two software tables",
    remark: "One kind of exchange sends 400x33, another 383+417.",
    dial: e180("400x33", CONTINUOUS),
    ringback: e180("400x33", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("400", "0.5 on 0.5 off"),
    congestion: Some(e180("400", "0.25 on 0.25 off")),
    call_waiting: Some(e180("400x33", "0.25 on 0.25 off")),
    special_information: Some(e180("950/1400/1800", "3x0.33 on 0.33 off")),
    ..plan("za", "South Africa")
};

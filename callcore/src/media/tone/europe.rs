//! Tones of Europe.

use super::country::{INFORMATION, TonePlan, plan};
use super::notation::e180;

const CONTINUOUS: &str = "continuous";

pub(super) static AUSTRIA: TonePlan = TonePlan {
    dial: e180("420", CONTINUOUS),
    ringback: e180("420", "1.0 on 5.0 off"),
    busy: e180("420", "0.4 on 0.4 off"),
    congestion: Some(e180("420", "0.2 on 0.2 off")),
    call_waiting: Some(e180("420", "0.04 on 1.96 off")),
    special_dial: Some(e180("380+420", CONTINUOUS)),
    special_information: Some(e180("950/1450/1850", "3x0.33 on 1.0 off")),
    ..plan("at", "Austria")
};

pub(super) static BELGIUM: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 3.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.167 on 0.167 off")),
    call_waiting: Some(e180("1400", "0.175 on 0.175 off 0.175 on 3.5 off")),
    special_dial: Some(e180("425", "1.0 on 0.25 off")),
    special_information: Some(e180("900/1400/1800", "3x0.33 on 1.0 off")),
    ..plan("be", "Belgium")
};

pub(super) static BULGARIA: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("425", "0.15 on 0.15 off 0.15 on 4.0 off")),
    special_dial: Some(e180("425", "1.5 on 0.1 off")),
    special_information: Some(INFORMATION),
    ..plan("bg", "Bulgaria")
};

pub(super) static SWITZERLAND: TonePlan = TonePlan {
    remark: "A later edition of the operators' own papers has congestion of 0.25 s.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.2 on 0.2 off 0.2 on 4.0 off")),
    special_dial: Some(e180("340+425", "1.1 on 1.1 off")),
    special_information: Some(e180("950/1400/1800", "3x0.333 on 1.0 off")),
    ..plan("ch", "Switzerland")
};

pub(super) static CZECHIA: TonePlan = TonePlan {
    dial: e180("425", "0.33 on 0.33 off 0.66 on 0.66 off"),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.33 on 0.33 off"),
    congestion: Some(e180("425", "0.165 on 0.165 off")),
    call_waiting: Some(e180("425", "0.33 on 9.0 off")),
    special_information: Some(e180("950/1400/1800", "0.33 on 0.03 off 0.33 on 0.03 off 0.33 on 1.0 off")),
    ..plan("cz", "Czechia")
};

pub(super) static GERMANY: TonePlan = TonePlan {
    remark: "The supplement has a second busy of 0.5 s, and special information from 900 Hz, too.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.48 on 0.48 off"),
    congestion: Some(e180("425", "0.24 on 0.24 off")),
    call_waiting: Some(e180("425", "0.2 on 0.2 off 0.2 on 5.0 off")),
    special_dial: Some(e180("425+400", CONTINUOUS)),
    special_information: Some(INFORMATION),
    ..plan("de", "Germany")
};

pub(super) static DENMARK: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.2 on 0.6 off 0.2 on 3.0 off")),
    special_dial: Some(e180("425", "0.45 on 0.05 off")),
    special_information: Some(INFORMATION),
    ..plan("dk", "Denmark")
};

pub(super) static ESTONIA: TonePlan = TonePlan {
    remark: "Other tables have a garbled special information tone; it is taken as in E.180.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.3 on 0.3 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    special_dial: Some(e180("425", "0.65 on 0.025 off")),
    ..plan("ee", "Estonia")
};

pub(super) static SPAIN: TonePlan = TonePlan {
    remark: "Other tables have special information cut off after its first sine; it is taken as in E.180.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.5 on 3.0 off"),
    busy: e180("425", "0.2 on 0.2 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off 0.2 on 0.2 off 0.2 on 0.6 off")),
    call_waiting: Some(e180("425", "0.175 on 0.175 off 0.175 on 3.5 off")),
    special_dial: Some(e180("425", "0.5 on 0.05 off")),
    ..plan("es", "Spain")
};

pub(super) static FINLAND: TonePlan = TonePlan {
    remark: "Other tables have a garbled special information tone; it is taken as in E.180.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.3 on 0.3 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.15 on 0.15 off 0.15 on 8.0 off")),
    special_dial: Some(e180("425", "0.65 on 0.025 off")),
    ..plan("fi", "Finland")
};

pub(super) static FRANCE: TonePlan = TonePlan {
    remark: "The supplement has no congestion tone; 0.25 s is what exchanges send.",
    dial: e180("440", CONTINUOUS),
    ringback: e180("440", "1.5 on 3.5 off"),
    busy: e180("440", "0.5 on 0.5 off"),
    congestion: Some(e180("440", "0.25 on 0.25 off")),
    call_waiting: Some(e180("440", "0.3 on 10.0 off")),
    special_information: Some(INFORMATION),
    ..plan("fr", "France")
};

pub(super) static UNITED_KINGDOM: TonePlan = TonePlan {
    source: "ITU-T E.180 Suppl. 2; BT SIN 350",
    dial: e180("350+440", CONTINUOUS),
    ringback: e180("400+450", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("400", "0.375 on 0.375 off"),
    congestion: Some(e180("400", "0.4 on 0.35 off 0.225 on 0.525 off")),
    number_unobtainable: Some(e180("400", CONTINUOUS)),
    call_waiting: Some(e180("400", "0.1 on 4.0 off")),
    special_dial: Some(e180("350+440/440", "0.75 on 0.75 on")),
    special_information: Some(e180("950/1400/1800", "0.33 on 0.015 off 0.33 on 0.015 off 0.33 on 1.0 off")),
    ..plan("gb", "United Kingdom")
};

pub(super) static GREECE: TonePlan = TonePlan {
    dial: e180("425", "0.2 on 0.3 off 0.7 on 0.8 off"),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.3 on 0.3 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.15 on 0.15 off 0.15 on 8.0 off")),
    special_dial: Some(e180("425", "0.65 on 0.025 off")),
    special_information: Some(INFORMATION.times(3)),
    ..plan("gr", "Greece")
};

pub(super) static HUNGARY: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.25 on 3.75 off"),
    busy: e180("425", "0.3 on 0.3 off"),
    congestion: Some(e180("425", "0.3 on 0.3 off")),
    call_waiting: Some(e180("425", "0.04 on 1.96 off")),
    special_dial: Some(e180("350+375+400", CONTINUOUS)),
    special_information: Some(INFORMATION.times(3)),
    ..plan("hu", "Hungary")
};

pub(super) static IRELAND: TonePlan = TonePlan {
    source: "one software table",
    remark: "Not found in the supplement's text at hand.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("400+450", "0.4 on 0.2 off 0.4 on 2.0 off"),
    busy: e180("425", "0.45 on 0.45 off"),
    congestion: Some(e180("425", "0.375 on 0.375 off")),
    call_waiting: Some(e180("425", "0.2 on 0.2 off 0.2 on 4.0 off")),
    special_information: Some(INFORMATION),
    ..plan("ie", "Ireland")
};

pub(super) static ITALY: TonePlan = TonePlan {
    dial: e180("425", "0.2 on 0.2 off 0.6 on 1.0 off"),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.4 on 0.1 off 0.25 on 0.1 off 0.15 on 14.0 off")),
    special_dial: Some(e180("470/425", "0.4 on 0.4 on")),
    special_information: Some(INFORMATION.times(3)),
    ..plan("it", "Italy")
};

pub(super) static LITHUANIA: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.35 on 0.35 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.15 on 0.15 off 0.15 on 4.0 off")),
    special_dial: Some(e180("425", "0.5 on 0.05 off")),
    special_information: Some(INFORMATION.times(3)),
    ..plan("lt", "Lithuania")
};

pub(super) static NETHERLANDS: TonePlan = TonePlan {
    remark: "Some exchanges send 450 Hz.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.25 on 0.25 off")),
    call_waiting: Some(e180("425", "0.5 on 9.5 off")),
    special_dial: Some(e180("425", "0.5 on 0.05 off")),
    special_information: Some(INFORMATION),
    ..plan("nl", "Netherlands")
};

pub(super) static NORWAY: TonePlan = TonePlan {
    source: "two software tables",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "0.2 on 0.6 off 0.2 on 10.0 off")),
    special_dial: Some(e180("470/425", "0.4 on 0.4 on")),
    special_information: Some(INFORMATION.times(3)),
    ..plan("no", "Norway")
};

pub(super) static POLAND: TonePlan = TonePlan {
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.5 on 0.5 off")),
    call_waiting: Some(e180("425", "0.15 on 0.15 off 0.15 on 4.0 off")),
    special_dial: Some(e180("425", "0.5 on 0.05 off")),
    special_information: Some(INFORMATION.times(3)),
    ..plan("pl", "Poland")
};

pub(super) static PORTUGAL: TonePlan = TonePlan {
    source: "two software tables",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 5.0 off"),
    busy: e180("425", "0.5 on 0.5 off"),
    congestion: Some(e180("425", "0.2 on 0.2 off")),
    call_waiting: Some(e180("425", "2x(0.2 on 0.2 off) 0.2 on 5.0 off")),
    special_dial: Some(e180("425", "1.0 on 0.2 off")),
    special_information: Some(INFORMATION),
    ..plan("pt", "Portugal")
};

pub(super) static ROMANIA: TonePlan = TonePlan {
    source: "one software table",
    dial: e180("450", CONTINUOUS),
    ringback: e180("450x25", "1.85 on 4.15 off"),
    busy: e180("450", "0.167 on 0.167 off"),
    congestion: Some(e180("450", "0.5 on 0.5 off")),
    number_unobtainable: Some(e180("450", "3x(0.092 on 0.11 off) 0.362 on 0.11 off")),
    call_waiting: Some(e180("450", "0.15 on 0.15 off 0.15 on 8.0 off")),
    special_dial: Some(e180("450x25", "0.4 on 0.04 off")),
    howler: Some(e180("3000", CONTINUOUS)),
    ..plan("ro", "Romania")
};

pub(super) static RUSSIA: TonePlan = TonePlan {
    source: "GOST 45.223",
    remark: "One table has ringback 0.8 3.2 s and congestion 0.35 s, as older exchanges sent them.",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 4.0 off"),
    busy: e180("425", "0.35 on 0.35 off"),
    congestion: Some(e180("425", "0.175 on 0.175 off")),
    call_waiting: Some(e180("425", "0.2 on 5.0 off")),
    special_dial: Some(e180("425", "0.4 on 0.04 off")),
    special_information: Some(INFORMATION),
    ..plan("ru", "Russia")
};

pub(super) static SWEDEN: TonePlan = TonePlan {
    source: "two software tables",
    dial: e180("425", CONTINUOUS),
    ringback: e180("425", "1.0 on 5.0 off"),
    busy: e180("425", "0.25 on 0.25 off"),
    congestion: Some(e180("425", "0.25 on 0.75 off")),
    call_waiting: Some(e180("425", "0.2 on 0.5 off 0.2 on 9.1 off")),
    special_dial: Some(e180("425", "0.32 on 0.02 off")),
    special_information: Some(
        e180("950/1400/1800", "0.332 on 0.024 off 0.332 on 0.024 off 0.332 on 2.024 off").times(5),
    ),
    ..plan("se", "Sweden")
};

pub(super) static TURKEY: TonePlan = TonePlan {
    dial: e180("450", CONTINUOUS),
    ringback: e180("450", "2.0 on 4.0 off"),
    busy: e180("450", "0.5 on 0.5 off"),
    congestion: Some(e180("450", "3x(0.2 on 0.2 off) 0.6 on 0.2 off")),
    call_waiting: Some(e180("450", "0.2 on 0.6 off 0.2 on 8.0 off")),
    special_dial: Some(e180("450", "1.0 on 0.25 off")),
    special_information: Some(e180("950/1400/1800", "3x0.3 on 1.0 off").times(3)),
    ..plan("tr", "Turkey")
};

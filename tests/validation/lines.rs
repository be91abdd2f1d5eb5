//! What is compared: quantities of each trial with their published figures.
//!
//! Sources: EMPA-REG MONO (NCT01177813, week 24), TRINITY (NCT00649389, week 12), Harvey 2006 for docetaxel.
//! Figures that could not be looked up again are marked as not verified. A distance that counts as agreement
//! is a judgement: what a model without dropout and missed doses can be held to.

use crate::scorecard::Line;

/// Where a number of ours stands among the findings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ours {
    /// Mean of an analysis, by arm.
    Mean(&'static str),
    /// Difference of an analysis.
    Difference(&'static str),
    /// Percent that meet a condition, by arm.
    Percent(&'static str),
    /// Percent with an adverse event.
    Incidence(&'static str),
    /// Our value beside the figure of the trial file.
    Scored(&'static str),
    /// Percent whose true neutrophil count was of that grade or above.
    Happened(f64),
}

const fn figure(value: f64) -> Option<(f64, f64)> {
    Some((value, value))
}

/// Id, what the pages call it, published figure, and why ours is further away from that.
type OfArm = (&'static str, &'static str, Option<(f64, f64)>, &'static str);

/// A quantity of a trial, and its arms.
pub(crate) struct Quantity {
    /// What the pages call it.
    title: &'static str,
    /// What the independent results call it.
    name: &'static str,
    ours: Ours,
    /// The distance from the published figure that counts as agreement.
    within: f64,
    /// Error of the independent computation besides its sampling.
    bias: f64,
    decimals: usize,
    arms: &'static [OfArm],
}

/// The lines of a trial.
pub(crate) fn lines(quantities: &[Quantity]) -> Vec<Line> {
    let of = |quantity: &Quantity| {
        let Quantity { title, name, ours, within, bias, decimals, arms } = *quantity;
        let line = move |&(arm, of, published, why): &_| Line {
            title,
            arm,
            of,
            quantity: name,
            ours,
            published,
            within,
            why,
            bias,
            decimals,
        };
        arms.iter().map(line)
    };
    quantities.iter().flat_map(of).collect()
}

const NO_DRIFT: &str = "the model has no drift of untreated glucose (+12 mg/dL in the trial's placebo arm); \
                        the differences below do not depend on it";
const SPREAD: &str = "the spread of the model's largest effect takes some below 3.9 mmol/L";

pub(crate) const EMPA: &[Quantity] = &[
    Quantity {
        title: "HbA1c at week 24, change, %",
        name: "hba1c change",
        ours: Ours::Mean("hba1c"),
        within: 0.2,
        bias: 0.0,
        decimals: 3,
        arms: &[
            ("placebo", "placebo", figure(0.1), ""),
            ("empa_10", "10 mg", figure(-0.7), ""),
            ("empa_25", "25 mg", figure(-0.8), ""),
        ],
    },
    Quantity {
        title: "HbA1c, difference from placebo, %",
        name: "hba1c difference",
        ours: Ours::Difference("hba1c"),
        within: 0.2,
        bias: 0.0,
        decimals: 3,
        arms: &[
            ("empa_10", "10 mg", figure(-0.74), ""),
            ("empa_25", "25 mg", figure(-0.85), ""),
        ],
    },
    Quantity {
        title: "fasting glucose at week 24, change, mmol/L",
        name: "fpg change",
        ours: Ours::Mean("fpg"),
        within: 0.4,
        bias: 0.0,
        decimals: 2,
        arms: &[
            ("placebo", "placebo", figure(0.67), NO_DRIFT),
            ("empa_10", "10 mg", figure(-1.05), NO_DRIFT),
            ("empa_25", "25 mg", figure(-1.39), NO_DRIFT),
        ],
    },
    Quantity {
        title: "fasting glucose, difference from placebo, mmol/L",
        name: "fpg difference",
        ours: Ours::Difference("fpg"),
        within: 0.4,
        bias: 0.0,
        decimals: 2,
        arms: &[
            ("empa_10", "10 mg", figure(-1.72), ""),
            ("empa_25", "25 mg", figure(-2.05), ""),
        ],
    },
    Quantity {
        title: "HbA1c below 7 % at week 24, % of participants",
        name: "below 7",
        ours: Ours::Percent("goal"),
        within: 10.0,
        bias: 0.0,
        decimals: 1,
        arms: &[
            ("placebo", "placebo", figure(12.0), ""),
            ("empa_10", "10 mg", figure(35.0), ""),
            ("empa_25", "25 mg", figure(44.0), ""),
        ],
    },
    Quantity {
        title: "hypoglycaemia, % of participants (published figure not verified)",
        name: "hypoglycaemia",
        ours: Ours::Incidence("hypoglycaemia"),
        within: 2.0,
        bias: 0.0,
        decimals: 2,
        arms: &[
            ("placebo", "placebo", figure(0.4), ""),
            ("empa_10", "10 mg", figure(0.4), ""),
            ("empa_25", "25 mg", figure(0.4), SPREAD),
        ],
    },
    Quantity {
        title: "genital infection, % of participants (published figure not verified)",
        name: "genital infection",
        ours: Ours::Incidence("genital_infection"),
        within: 2.0,
        bias: 0.0,
        decimals: 2,
        arms: &[
            ("placebo", "placebo", figure(0.0), ""),
            ("empa_10", "10 mg", figure(3.0), ""),
            ("empa_25", "25 mg", figure(4.0), ""),
        ],
    },
];

pub(crate) const TRINITY: &[Quantity] = &[
    Quantity {
        title: "systolic pressure at week 12, change, mmHg",
        name: "change",
        ours: Ours::Mean("triple_against_pairs"),
        within: 2.0,
        bias: 0.0,
        decimals: 2,
        arms: &[
            ("triple", "all three", figure(-37.1), ""),
            ("om_aml", "olmesartan, amlodipine", Some((-30.0, -27.5)), ""),
            ("om_hctz", "olmesartan, hydrochlorothiazide", Some((-30.0, -27.5)), ""),
            ("aml_hctz", "amlodipine, hydrochlorothiazide", Some((-30.0, -27.5)), ""),
        ],
    },
    Quantity {
        title: "systolic pressure, difference of all three, mmHg",
        name: "triple less pair",
        ours: Ours::Difference("triple_against_pairs"),
        within: 2.0,
        bias: 0.0,
        decimals: 2,
        arms: &[
            ("om_aml", "from olmesartan, amlodipine", None, ""),
            ("om_hctz", "from olmesartan, hydrochlorothiazide", None, ""),
            ("aml_hctz", "from amlodipine, hydrochlorothiazide", None, ""),
        ],
    },
    Quantity {
        title: "systolic pressure below 140 mmHg, % of participants",
        name: "below 140",
        ours: Ours::Percent("goal"),
        within: 0.0,
        bias: 0.0,
        decimals: 1,
        arms: &[
            ("triple", "all three", None, ""),
            ("om_aml", "olmesartan, amlodipine", None, ""),
            ("om_hctz", "olmesartan, hydrochlorothiazide", None, ""),
            ("aml_hctz", "amlodipine, hydrochlorothiazide", None, ""),
        ],
    },
];

/// The fixed steps and the linear reading between them of the independent integration: checked by halving
/// them, below 0.1 percentage points.
const STEPS: f64 = 0.1;

/// The arms where nothing is published.
const DOSES: &[OfArm] = &[
    ("d60", "60 mg/m2", None, ""),
    ("d75", "75 mg/m2", None, ""),
    ("d100", "100 mg/m2", None, ""),
];

const NEUTROPENIA: &[OfArm] = &[
    ("d60", "60 mg/m2", figure(76.4), ""),
    ("d75", "75 mg/m2", figure(83.7), ""),
    ("d100", "100 mg/m2", figure(93.4), ""),
];

pub(crate) const DOCETAXEL: &[Quantity] = &[
    Quantity {
        title: "neutropenia of grade 3 or 4 seen in six cycles, % (published figure not verified)",
        name: "grade 3 or 4 in six cycles, seen",
        ours: Ours::Scored("neutropenia"),
        within: 8.0,
        bias: STEPS,
        decimals: 1,
        arms: NEUTROPENIA,
    },
    Quantity {
        title: "febrile neutropenia in six cycles, % (published figure not verified)",
        name: "febrile neutropenia",
        ours: Ours::Incidence("febrile_neutropenia"),
        within: 5.0,
        bias: STEPS,
        decimals: 1,
        arms: &[
            ("d60", "60 mg/m2", figure(4.7), ""),
            ("d75", "75 mg/m2", figure(7.4), ""),
            ("d100", "100 mg/m2", figure(14.1), ""),
        ],
    },
    Quantity {
        title: "neutropenia of grade 4 in cycle 1, true, %",
        name: "grade 4 in cycle 1, true",
        ours: Ours::Happened(4.0),
        within: 0.0,
        bias: STEPS,
        decimals: 1,
        arms: DOSES,
    },
    Quantity {
        title: "neutropenia of grade 3 or 4 in cycle 1, true, %",
        name: "grade 3 or 4 in cycle 1, true",
        ours: Ours::Happened(3.0),
        within: 0.0,
        bias: STEPS,
        decimals: 1,
        arms: DOSES,
    },
    Quantity {
        title: "neutropenia of grade 4 in cycle 1, seen, %",
        name: "grade 4 in cycle 1, seen",
        ours: Ours::Percent("grade_4"),
        within: 0.0,
        bias: STEPS,
        decimals: 1,
        arms: DOSES,
    },
    Quantity {
        title: "lowest count seen in cycle 1, 10^9/L",
        name: "lowest count seen in cycle 1",
        ours: Ours::Mean("nadir"),
        within: 0.0,
        bias: 0.002,
        decimals: 3,
        arms: DOSES,
    },
];

const FEWER_CYCLES: &str = "the rate of febrile neutropenia was chosen for six full cycles in everybody; \
     delays, reductions and progression leave fewer";
const TIMID: &str = "the file's titration is assumed, in steps of 10 % a week and without loading doses; \
     that of the trial was the clinics'";

/// What is compared once more where its rules are followed; no independent program computes it.
pub(crate) const DOCETAXEL_CONDUCT: &[Quantity] = &[
    Quantity {
        title: "neutropenia of grade 3 or 4 seen, % (published figure not verified)",
        name: "",
        ours: Ours::Scored("neutropenia"),
        within: 8.0,
        bias: 0.0,
        decimals: 1,
        arms: NEUTROPENIA,
    },
    Quantity {
        title: "febrile neutropenia, % (published figure not verified)",
        name: "",
        ours: Ours::Incidence("febrile_neutropenia"),
        within: 5.0,
        bias: 0.0,
        decimals: 1,
        arms: &[
            ("d60", "60 mg/m2", figure(4.7), ""),
            ("d75", "75 mg/m2", figure(7.4), ""),
            ("d100", "100 mg/m2", figure(14.1), FEWER_CYCLES),
        ],
    },
    Quantity {
        title: "dose given, % of what was planned until progression",
        name: "",
        ours: Ours::Mean("intensity"),
        within: 0.0,
        bias: 0.0,
        decimals: 1,
        arms: DOSES,
    },
];

pub(crate) const WARFARIN: &[Quantity] = &[
    Quantity {
        title: "time with INR between 2 and 3, %",
        name: "",
        ours: Ours::Mean("ttr"),
        within: 5.0,
        bias: 0.0,
        decimals: 1,
        arms: &[
            ("standard", "standard dosing", figure(60.3), TIMID),
            ("genotype", "genotype-guided dosing", figure(67.4), TIMID),
        ],
    },
    Quantity {
        title: "the difference, %",
        name: "",
        ours: Ours::Difference("ttr"),
        within: 5.0,
        bias: 0.0,
        decimals: 1,
        arms: &[("genotype", "genotype-guided less standard", figure(7.1), TIMID)],
    },
];

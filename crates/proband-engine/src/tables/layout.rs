//! Which columns each table has. The page `crates/proband/book/tables.md` explains them.

use super::{Column, Kind, Schema, TableId};
use Kind::{Date, Flag, Integer, Level, Number, Text};

/// A column as the layouts below list it: name, kind, unit (or nothing) and label.
type Line = (&'static str, Kind, &'static str, &'static str);

const STUDY: Line = ("STUDYID", Level, "", "Study identifier");
const REPLICATE: Line = ("REPLICATE", Integer, "", "Repetition of the trial");
const SCENARIO: Line = ("SCENARIO", Level, "", "Id of the scenario; `base` without one");
const SUBJECT: Line = ("USUBJID", Text, "", "Unique subject identifier");
const PLANNED: Line = ("TRT01P", Level, "", "Planned treatment");
const ACTUAL: Line = ("TRT01A", Level, "", "Actual treatment");
const PARAMCD: Line = ("PARAMCD", Level, "", "Parameter code");
const PARAM: Line = ("PARAM", Level, "", "Parameter, with its unit");
const AVALU: Line = ("AVALU", Level, "", "Unit of AVAL");
const AVAL: Line = ("AVAL", Number, "", "Analysis value, in the unit AVALU");
const AVISIT: Line = ("AVISIT", Level, "", "Planned visit");
const AVISITN: Line = ("AVISITN", Number, "week", "Planned time of the visit");
const ADY: Line = ("ADY", Integer, "day", "Study day");
const ATIME: Line = ("ATIME", Number, "day", "Time since the start of day 1");
const ASTDY: Line = ("ASTDY", Integer, "day", "Study day of the start");
const AENDY: Line = ("AENDY", Integer, "day", "Study day of the end");
const ASTTIME: Line = ("ASTTIME", Number, "day", "Start, as time since the start of day 1");
const AENTIME: Line = ("AENTIME", Number, "day", "End, as time since the start of day 1");

/// Whose row it is, in tables of what participants have several of.
const WHOSE: &[Line] = &[STUDY, REPLICATE, SUBJECT, PLANNED, ACTUAL];

/// A column that a trial adds to `adsl` or `twins`: a covariate or a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the trial or model.
    pub name: String,
    /// Its unit; none for a number without unit, and for levels.
    pub unit: Option<String>,
    /// What it means, if the file says.
    pub label: Option<String>,
    /// Whether its values are levels.
    pub levels: bool,
}

/// Participants, with the trial's covariates and a column for each stratification factor.
///
/// `strata` holds the factors as written in the trial file.
#[must_use]
pub fn adsl(covariates: &[Variable], strata: &[String]) -> Schema {
    const BEFORE: &[Line] = &[
        STUDY,
        REPLICATE,
        SUBJECT,
        ("TWIN", Integer, "", "Number of the twin"),
        ("ARMCD", Level, "", "Arm, by its id in the trial file"),
        ("ARM", Level, "", "Arm, by its title"),
        PLANNED,
        ACTUAL,
    ];
    const AFTER: &[Line] = &[
        ("SCRNDY", Integer, "day", "Study day of screening"),
        ("RANDDY", Integer, "day", "Day of the trial's calendar of randomisation"),
        ("SITEID", Level, "", "Study site"),
        ("REGION1", Level, "", "Region of the site"),
        ("ITTFL", Flag, "", "Randomised"),
        ("SAFFL", Flag, "", "Took at least one dose, or is in an arm without doses"),
        ("COMPLFL", Flag, "", "Completed the study"),
        ("FACTFL", Flag, "", "Is in the arm that randomisation gave"),
        ("IMPLFL", Flag, "", "Left a limit of plausible physiology after enrolment"),
        ("TRTSDY", Integer, "day", "Study day of the first dose"),
        ("TRTEDY", Integer, "day", "Study day of the end of the last dose"),
        ("EOTSTT", Level, "", "End of treatment status"),
        ("EOTDY", Integer, "day", "Study day of the end of treatment"),
        ("DCTREAS", Level, "", "Reason for stopping treatment"),
        ("EOSSTT", Level, "", "End of study status"),
        ("EOSDY", Integer, "day", "Study day of the end of study"),
        ("DCSREAS", Level, "", "Reason for leaving the study"),
    ];
    let mut schema = layout(TableId::Adsl, &["REPLICATE", "USUBJID"], BEFORE);
    add_covariates(&mut schema, covariates);
    for (index, factor) in strata.iter().enumerate() {
        let label = format!("Stratum of randomisation: {factor}");
        let name = format!("STRAT{}R", index + 1);
        add(&mut schema, Column { name, kind: Level, unit: None, label, key: false });
    }
    for &line in AFTER {
        add(&mut schema, column(line));
    }
    schema
}

/// Records of drug concentrations.
#[must_use]
pub fn adpc() -> Schema {
    records(TableId::Adpc)
}

/// Records of everything else that visits observe.
#[must_use]
pub fn adlb() -> Schema {
    records(TableId::Adlb)
}

fn records(table: TableId) -> Schema {
    of_participants(
        table,
        &["PARAMCD", "AVISITN"],
        &[
            PARAMCD,
            PARAM,
            AVALU,
            AVISIT,
            AVISITN,
            ADY,
            ATIME,
            AVAL,
            ("AVALC", Level, "", "Level, or the limit of quantification that was passed"),
            ("BASE", Number, "", "Baseline value, in the unit AVALU"),
            ("CHG", Number, "", "Change from baseline, in the unit AVALU"),
            ("PCHG", Number, "%", "Percent change from baseline"),
            ("ABLFL", Flag, "", "Is the baseline record"),
            ("ANL01FL", Flag, "", "Is the record of its visit that analyses use"),
        ],
    )
}

/// Endpoints that are numbers, conditions or counts.
#[must_use]
pub fn adeff() -> Schema {
    of_participants(
        TableId::Adeff,
        &["PARAMCD", "AVISITN"],
        &[
            PARAMCD,
            PARAM,
            AVALU,
            AVISIT,
            AVISITN,
            AVAL,
            ("AVALC", Level, "", "Y or N for a condition"),
            ("BASE", Number, "", "Baseline value of what is analysed"),
            ("ANL01FL", Flag, "", "Enters the analyses"),
        ],
    )
}

/// Adverse events as the trial learned of them.
#[must_use]
pub fn adae() -> Schema {
    of_participants(
        TableId::Adae,
        &["ASTTIME", "AESPID"],
        &[
            ASTTIME,
            AENTIME,
            ("AESPID", Level, "", "Adverse event, by its id in the trial file"),
            ("AEDECOD", Level, "", "Dictionary-derived term"),
            ("AEBODSYS", Level, "", "Body system or organ class"),
            ("AETOXGR", Level, "", "Standard toxicity grade"),
            ("AETOXGRN", Integer, "", "Standard toxicity grade, as a number"),
            ("AESER", Flag, "", "Serious event"),
            ("TRTEMFL", Flag, "", "Began or worsened on or after the first dose"),
            ASTDY,
            AENDY,
        ],
    )
}

/// Endpoints that are times.
#[must_use]
pub fn adtte() -> Schema {
    of_participants(
        TableId::Adtte,
        &["PARAMCD"],
        &[
            PARAMCD,
            PARAM,
            AVALU,
            AVAL,
            (
                "CNSR",
                Integer,
                "",
                "0 for an event, 1 for a censored time, 2 for a competing event",
            ),
            ("EVNTDESC", Level, "", "What ended the time"),
            ADY,
        ],
    )
}

/// Intercurrent events: discontinuations, and what else estimands name.
#[must_use]
pub fn ices() -> Schema {
    of_participants(
        TableId::Ices,
        &["ASTTIME", "ICEID", "ESTIMAND"],
        &[
            ASTTIME,
            (
                "ICEID",
                Level,
                "",
                "Id of the discontinuation, rule, adverse event or model event",
            ),
            ("KIND", Level, "", "discontinuation, rule, adverse event, event or hazard"),
            ("ESTIMAND", Level, "", "Estimand, by its id in the trial file"),
            ("STRATEGY", Level, "", "How the estimand deals with it"),
            ASTDY,
        ],
    )
}

/// What rules have led to.
#[must_use]
pub fn decisions() -> Schema {
    of_participants(
        TableId::Decisions,
        &["ATIME", "RULE", "EXTRT"],
        &[
            ("RULE", Level, "", "Rule, by its id in the trial file"),
            ADY,
            ATIME,
            ("ACTION", Level, "", "What it asks for"),
            ("EXTRT", Level, "", "Treatment that it is about"),
            ("SEEN", Text, "", "What the rule reads, with its values"),
            ("DONEFL", Flag, "", "Was obeyed"),
            ("LOOK", Level, "", "Look at which it was decided about the trial"),
            ("CALDY", Number, "day", "Time since the first day of accrual"),
        ],
    )
}

/// Deviations from the protocol: rules that were not obeyed.
#[must_use]
pub fn addv() -> Schema {
    of_participants(
        TableId::Addv,
        &["ATIME", "DVSPID", "EXTRT"],
        &[
            ("DVSPID", Level, "", "Rule, by its id in the trial file"),
            ("DVTERM", Level, "", "Protocol deviation"),
            ("EXTRT", Level, "", "Treatment that it is about"),
            ASTDY,
            ATIME,
        ],
    )
}

/// Scheduled doses, taken or not.
#[must_use]
pub fn adex() -> Schema {
    of_participants(
        TableId::Adex,
        &["ASTTIME", "EXTRT"],
        &[
            ASTTIME,
            AENTIME,
            ("EXTRT", Level, "", "Name of treatment"),
            ("EXDOSE", Number, "", "Dose taken, in the unit EXDOSU"),
            ("EXDOSU", Level, "", "Unit of EXDOSE"),
            ("EXROUTE", Level, "", "Route of administration"),
            ("DOSEFL", Flag, "", "Was taken, and not only scheduled"),
            ("EXADJ", Level, "", "Rule that has changed the dose, by its id in the trial file"),
            ("EXSTDY", Integer, "day", "Study day of the start of treatment"),
            ("EXENDY", Integer, "day", "Study day of the end of treatment"),
        ],
    )
}

/// Covariates and individual parameters of every participant.
///
/// Covariates bear the names they have in `adsl`; parameters the names of their model.
#[must_use]
pub fn twins(covariates: &[Variable], parameters: &[Variable]) -> Schema {
    const BEFORE: &[Line] =
        &[STUDY, REPLICATE, SUBJECT, ("TWIN", Integer, "", "Number of the twin"), PLANNED];
    let mut schema = layout(TableId::Twins, &["REPLICATE", "USUBJID"], BEFORE);
    add_covariates(&mut schema, covariates);
    for parameter in parameters {
        add(&mut schema, variable(parameter.name.clone(), parameter));
    }
    schema
}

/// Latent trajectories.
#[must_use]
pub fn truth() -> Schema {
    layout(
        TableId::Truth,
        &["REPLICATE", "USUBJID", "PARAMCD", "ATIME"],
        &[
            STUDY,
            REPLICATE,
            SUBJECT,
            PLANNED,
            PARAMCD,
            PARAM,
            AVALU,
            ATIME,
            ADY,
            AVISIT,
            AVISITN,
            AVAL,
            ("AVALC", Level, "", "Level, of an observable that has levels"),
        ],
    )
}

/// Events that happened, whether the trial saw them or not.
#[must_use]
pub fn truth_events() -> Schema {
    layout(
        TableId::TruthEvents,
        &["REPLICATE", "USUBJID", "ASTTIME", "EVENT"],
        &[
            STUDY,
            REPLICATE,
            SUBJECT,
            PLANNED,
            ASTTIME,
            AENTIME,
            ("EVENT", Level, "", "Id of the adverse event, or name in the model"),
            ("KIND", Level, "", "adverse event, event or hazard"),
            ("GRADEN", Integer, "", "Grade of an adverse event"),
            ("SEENFL", Flag, "", "The trial learned of it"),
            ASTDY,
            AENDY,
        ],
    )
}

/// Twins that were passed over, were not eligible, or were lost.
#[must_use]
pub fn exclusions() -> Schema {
    layout(
        TableId::Exclusions,
        &[],
        &[
            STUDY,
            REPLICATE,
            ("TWIN", Integer, "", "Number of the twin"),
            ("USUBJID", Text, "", "Unique subject identifier, of a participant"),
            ("TRT01P", Level, "", "Planned treatment, of a participant"),
            ("STAGE", Level, "", "population, screening or simulation"),
            ("REASON", Level, "", "Id of the limit or criterion, or cause of the failure"),
            ("DETAIL", Text, "", "What was found"),
            ATIME,
        ],
    )
}

/// Estimates, intervals and p-values.
#[must_use]
pub fn findings() -> Schema {
    layout(
        TableId::Findings,
        &[],
        &[
            STUDY,
            SCENARIO,
            REPLICATE,
            ("CATEGORY", Level, "", "Part of the summary the row belongs to"),
            ("ANALYSIS", Level, "", "Id of the analysis, adverse event, covariate or step"),
            ("PARAMCD", Level, "", "Code of the parameter that is analysed"),
            ("PARAM", Level, "", "Parameter that is analysed"),
            ("AVISIT", Level, "", "Planned visit the parameter belongs to"),
            ("METHOD", Level, "", "Method of analysis"),
            ("COMPARISON", Level, "", "Name of the comparison"),
            ("TRT01A", Level, "", "Arm the statistic is of, or the arm under test"),
            ("REFERENCE", Level, "", "Arm that a comparison refers to"),
            ("GROUP", Level, "", "Level, grade, choice of events or shift within the analysis"),
            ("STATISTIC", Level, "", "What the estimate is"),
            ("ESTIMATE", Number, "", "Value of the statistic, in UNIT"),
            ("STDERR", Number, "", "Standard error; of the logarithm of a ratio"),
            ("LOWER", Number, "", "Lower confidence limit, in UNIT"),
            ("UPPER", Number, "", "Upper confidence limit, in UNIT"),
            ("LEVEL", Number, "", "Confidence level of the limits"),
            ("TRUTH", Number, "", "True value of the estimand, in UNIT"),
            (
                "TRUTHSE",
                Number,
                "",
                "Standard error of the true value; of the logarithm of a ratio",
            ),
            ("PVALUE", Number, "", "p-value of no difference"),
            ("ADJP", Number, "", "p-value adjusted for several hypotheses"),
            (
                "REJECT",
                Level,
                "",
                "Y if the hypothesis is rejected at the familywise level, else N",
            ),
            ("N", Integer, "", "Participants the estimate rests on"),
            ("UNIT", Level, "", "Unit of estimate and limits"),
            ("LOOK", Level, "", "Look at which it was found"),
            ("Z", Number, "", "Normal deviate of the test at a look"),
            ("BOUND", Number, "", "Bound of Z for efficacy"),
            ("FUTILITY", Number, "", "Bound of Z for futility"),
            ("SOURCE", Level, "", "Where a published value comes from"),
            ("NOTE", Level, "", "What a reader must know"),
        ],
    )
}

/// Characteristics over the repetitions of the trial.
#[must_use]
pub fn operating() -> Schema {
    layout(
        TableId::Operating,
        &[],
        &[
            STUDY,
            SCENARIO,
            ("ANALYSIS", Level, "", "Id of the analysis, or step of the disposition"),
            ("PARAMCD", Level, "", "Code of the parameter that is analysed"),
            ("PARAM", Level, "", "Parameter that is analysed"),
            ("AVISIT", Level, "", "Planned visit the parameter belongs to"),
            ("METHOD", Level, "", "Method of analysis"),
            ("COMPARISON", Level, "", "Name of the comparison"),
            ("TRT01A", Level, "", "Arm the statistic is of, or the arm under test"),
            ("REFERENCE", Level, "", "Arm that a comparison refers to"),
            ("GROUP", Level, "", "Level, body system, term or grade within the analysis"),
            ("LOOK", Level, "", "Look at which it comes about"),
            ("STATISTIC", Level, "", "The statistic of the repetitions that is characterised"),
            ("MEASURE", Level, "", "What is told of it over the repetitions"),
            ("ESTIMATE", Number, "", "Value of the measure, in UNIT"),
            ("STDERR", Number, "", "Monte Carlo standard error of ESTIMATE"),
            ("LOWER", Number, "", "Lower limit of its 95 % Monte Carlo interval"),
            ("UPPER", Number, "", "Upper limit of its 95 % Monte Carlo interval"),
            ("N", Integer, "", "Repetitions that ESTIMATE rests on"),
            ("NEEDED", Integer, "", "Repetitions that the wanted precision needs"),
            ("UNIT", Level, "", "Unit of ESTIMATE, STDERR and limits"),
            ("NOTE", Level, "", "What a reader must know"),
        ],
    )
}

/// The table of a crossover of so many periods: `adsl` with the sequence and its treatments, what belongs to a
/// period with the period and its treatment.
#[must_use]
pub fn of_crossover(mut schema: Schema, periods: usize) -> Schema {
    match schema.table {
        TableId::Adsl => {
            add(&mut schema, column(("TRTSEQP", Level, "", "Planned sequence of treatments")));
            for period in 2..=periods {
                let label = format!("Planned treatment in period {period}");
                let name = format!("TRT{period:02}P");
                add(&mut schema, Column { name, kind: Level, unit: None, label, key: false });
            }
        }
        TableId::Twins | TableId::Truth | TableId::TruthEvents | TableId::Exclusions => {}
        _ => {
            let after = schema.find("TRT01A").map_or(0, |column| column.0 + 1);
            let mut period = column(("APERIOD", Integer, "", "Period, from 1"));
            period.key = true;
            let named = column(("APERIODC", Level, "", "Period, in words"));
            let treatment = column(("TRTP", Level, "", "Planned treatment of the period"));
            for column in [named, period, treatment] {
                schema.columns.insert(after, column);
            }
        }
    }
    schema
}

/// The table of a trial that has dates: after each study day the date that it is.
#[must_use]
pub fn dated(mut schema: Schema) -> Schema {
    let is_day =
        |column: &Column| column.kind == Integer && column.unit.as_deref() == Some("day");
    let with_date = |day: Column| {
        let name = date_of(&day.name);
        let label = day.label.replace("Study day", "Date");
        let label = label.replace("Day of the trial's calendar", "Date");
        let date =
            is_day(&day).then_some(Column { name, kind: Date, unit: None, label, key: false });
        [Some(day), date].into_iter().flatten()
    };
    schema.columns = schema.columns.into_iter().flat_map(with_date).collect();
    schema
}

/// What the date of a study day is called: `ADT` of `ADY`.
fn date_of(day: &str) -> String {
    format!("{}T", day.trim_end_matches('Y'))
}

/// A table of what participants have several of: `key` and `lines` come after whose row it is.
fn of_participants(table: TableId, key: &[&str], lines: &[Line]) -> Schema {
    layout(table, &[&["REPLICATE", "USUBJID"], key].concat(), &[WHOSE, lines].concat())
}

fn layout(table: TableId, key: &[&str], lines: &[Line]) -> Schema {
    let mut columns: Vec<Column> = lines.iter().copied().map(column).collect();
    for column in &mut columns {
        column.key = key.contains(&column.name.as_str());
    }
    Schema { table, columns }
}

fn column((name, kind, unit, label): Line) -> Column {
    Column {
        name: name.into(),
        kind,
        unit: (!unit.is_empty()).then(|| unit.into()),
        label: label.into(),
        key: false,
    }
}

/// Covariates in capitals, and beside an age in years the AGEU that ADaM asks for.
fn add_covariates(schema: &mut Schema, covariates: &[Variable]) {
    for covariate in covariates {
        let name = covariate.name.to_uppercase();
        let in_years = name == "AGE" && covariate.unit.as_deref() == Some("year");
        add(schema, variable(name, covariate));
        if in_years {
            add(schema, column(("AGEU", Level, "", "Unit of AGE")));
        }
    }
}

fn variable(name: String, of: &Variable) -> Column {
    let label = of.label.clone().unwrap_or_else(|| of.name.clone());
    let kind = if of.levels { Level } else { Number };
    Column { name, kind, unit: of.unit.clone(), label, key: false }
}

/// Adds a column; where the name is taken, in whatever case, it gets the next number: `ARM_2`.
fn add(schema: &mut Schema, mut column: Column) {
    let taken = |name: &str| schema.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
    if taken(&column.name) {
        let free = (2..).map(|n| format!("{}_{n}", column.name)).find(|name| !taken(name));
        column.name = free.expect("there are more numbers than columns");
    }
    schema.columns.push(column);
}

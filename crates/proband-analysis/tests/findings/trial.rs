//! A trial of three arms with an endpoint of each kind and every method of analysis.

use proband_cohort::{Covariate, Law, Marginal, Population, Specification};
use proband_lang::{Binary, Expr, Kind, SymbolId, Unit};
use proband_math::distribution::Distribution;
use proband_trial::*;

/// Positions in `Trial::quantities`.
pub(crate) const AGE: usize = 0;
pub(crate) const BASELINE: usize = 1;
pub(crate) const SEX: usize = 3;
pub(crate) const WEEK_4: usize = 4;
pub(crate) const WEEK_12: usize = 2;

pub(crate) const CHANGE: usize = 0;
pub(crate) const GOAL: usize = 1;
pub(crate) const COUNT: usize = 3;

pub(crate) fn trial(assignment: Assignment) -> Trial {
    Trial {
        id: "MADE-UP".into(),
        scenario: "base".into(),
        scenarios: Vec::new(),
        title: None,
        phase: None,
        indication: None,
        registry: None,
        source: None,
        simulation: Simulation {
            seed: 1,
            method: None,
            tolerance: 1e-6,
            atol: 1e-9,
            truth_twins: 0,
            common_arms: true,
            common_scenarios: true,
            replicates: 1,
            uncertainty: false,
            precision: 0.005,
        },
        output: Output {
            level: OutputLevel::Findings,
            truth_every: None,
            tables: None,
            report: false,
        },
        models: Vec::new(),
        observables: vec![pressure()],
        population: population(),
        characteristics: vec![
            Characteristic::Covariate(0),
            Characteristic::Covariate(1),
            Characteristic::Baseline(0),
        ],
        eligibility: Eligibility {
            at: 0.0,
            inclusion: Vec::new(),
            exclusion: Vec::new(),
            at_most: 1000,
        },
        design: Design {
            participants: 100,
            assignment,
            method: Allocation::Simple,
            strata: vec![stratum("age >= 65 year"), stratum("sex == F")],
            crossover: None,
            contrasts: Vec::new(),
        },
        accrual: None,
        epochs: Vec::new(),
        regimens: Vec::new(),
        arms: vec![arm("placebo", true), arm("low", false), arm("high", false)],
        encounters: [0.0, 28.0, 84.0].map(encounter).to_vec(),
        adverse_events: vec![
            adverse_event("headache", "Nervous system"),
            adverse_event("rash", "Skin"),
            adverse_event("syncope", "Nervous system"),
        ],
        discontinuations: Vec::new(),
        rules: Vec::new(),
        limits: Vec::new(),
        adherence: None,
        estimands: Vec::new(),
        safety: Safety::default(),
        endpoints: endpoints(),
        analyses: analyses(),
        multiplicity: None,
        adaptive: proband_trial::Adaptive::default(),
        published: published(),
        quantities: vec![
            Quantity::Covariate(0),
            Quantity::Baseline(0),
            Quantity::At(0, 2),
            Quantity::Covariate(1),
            Quantity::At(0, 1),
        ],
        defaults: Vec::new(),
        inputs: Vec::new(),
    }
}

pub(crate) fn unit(text: &str) -> Unit {
    Unit::parse(text, &proband_lang::Declared::default()).unwrap()
}

fn pressure() -> Observed {
    Observed {
        name: "sbp".into(),
        model: 0,
        index: 0,
        unit: unit("mmHg"),
        text: Some("Systolic pressure".into()),
        levels: None,
    }
}

fn population() -> Population {
    let drawn = |law| Law::Drawn(Marginal::Distribution(law));
    let covariate =
        |name: &str, unit, levels, law| Covariate { name: name.into(), unit, levels, law };
    let sexes: [String; 2] = ["F".into(), "M".into()];
    let covariates = vec![
        covariate("age", unit("year"), None, drawn(Distribution::normal(60.0, 8.0).unwrap())),
        covariate(
            "sex",
            Unit::one(),
            Some(sexes.into()),
            drawn(Distribution::categorical(&[0.5, 0.5]).unwrap()),
        ),
        covariate("height", unit("m"), None, Law::Constant(1.7)),
    ];
    Population::new(Specification { covariates, ..Specification::default() }).unwrap()
}

pub(crate) fn expression(expr: Expr, unit: Unit, kind: Kind) -> Expression {
    Expression { expr, unit, kind, text: String::new(), span: None }
}

pub(crate) fn quantity(index: usize) -> Expr {
    Expr::Symbol(SymbolId(u32::try_from(index).unwrap()))
}

fn stratum(text: &str) -> Stratum {
    let value = expression(Expr::Number(0.0), Unit::one(), Kind::Condition);
    Stratum { text: text.into(), value, levels: vec!["N".into(), "Y".into()] }
}

fn arm(id: &str, control: bool) -> Arm {
    Arm {
        id: id.into(),
        title: id.to_uppercase(),
        ratio: 1,
        control,
        regimens: Vec::new(),
        parameters: Vec::new(),
        inputs: Vec::new(),
    }
}

fn encounter(day: f64) -> Encounter {
    Encounter {
        day,
        label: format!("Week {}", day / 7.0),
        number: day / 7.0,
        epoch: 0,
        observe: vec![0],
        window: None,
        missing: None,
        repeats: None,
    }
}

fn adverse_event(id: &str, body_system: &str) -> AdverseEvent {
    AdverseEvent {
        id: id.into(),
        term: id.to_uppercase(),
        body_system: body_system.into(),
        cause: Cause::Hazard(expression(Expr::Number(0.0), Unit::one(), Kind::Number)),
        severity: vec![1.0],
        lasts: None,
        recurs: true,
        serious: 0.0,
        reported: 1.0,
        found_at_encounter: false,
        arms: Vec::new(),
    }
}

fn endpoints() -> Vec<Endpoint> {
    let change = Expr::binary(Binary::Sub, quantity(WEEK_12), quantity(BASELINE));
    let goal = Expr::binary(Binary::Less, quantity(WEEK_12), Expr::Number(140.0));
    let number = EndpointValue::Number(expression(change, unit("mmHg"), Kind::Number));
    let condition = EndpointValue::Condition(expression(goal, Unit::one(), Kind::Condition));
    let time = EndpointValue::Time(TimeTo {
        events: vec![Happening::AdverseEvent(2)],
        ..TimeTo::default()
    });
    let happening = Happening::AdverseEvent(0);
    let count = EndpointValue::Count { happening, from: 0.0, to: 84.0 };
    vec![
        endpoint("change", number, unit("mmHg"), Some(0)),
        endpoint("goal", condition, Unit::one(), Some(0)),
        endpoint("syncope", time, unit("day"), None),
        endpoint("headaches", count, Unit::one(), None),
    ]
}

fn endpoint(id: &str, value: EndpointValue, unit: Unit, observable: Option<usize>) -> Endpoint {
    Endpoint {
        id: id.into(),
        title: id.into(),
        paramcd: id[..4].to_uppercase(),
        level: EndpointLevel::Secondary,
        value,
        unit,
        observable,
        encounter: observable.map(|_| 2),
        visits: Vec::new(),
        better: Some(Better::Lower),
    }
}

fn analyses() -> Vec<Analysis> {
    use AnalysisMethod as M;
    let adjusted = Analysis {
        covariates: vec![age()],
        ..analysis("adjusted", CHANGE, &[M::Ancova, M::TTest, M::Wilcoxon])
    };
    let carried = Analysis {
        strata: false,
        missing: Missing::LastObservation,
        ..analysis("carried", CHANGE, &[M::Ancova])
    };
    let of_goal = [M::Proportions, M::Logistic, M::CochranMantelHaenszel, M::Fisher];
    let goal = Analysis { missing: Missing::Failure, ..analysis("goal", GOAL, &of_goal) };
    vec![
        adjusted,
        carried,
        goal,
        analysis("syncope", 2, &[M::LogRank, M::Cox, M::KaplanMeier]),
        analysis("headaches", COUNT, &[M::NegativeBinomial, M::Poisson]),
        Analysis { strata: false, ..analysis("individual", CHANGE, &[M::Paired]) },
    ]
}

pub(crate) fn age() -> Expression {
    expression(quantity(AGE), unit("year"), Kind::Number)
}

pub(crate) fn analysis(id: &str, endpoint: usize, methods: &[AnalysisMethod]) -> Analysis {
    let comparison =
        |test: usize, arm: &str| Comparison { name: format!("{id}.{arm}"), test, reference: 0 };
    Analysis {
        id: id.into(),
        endpoint,
        methods: methods.to_vec(),
        comparisons: vec![comparison(1, "low"), comparison(2, "high")],
        baseline: true,
        strata: true,
        stratified_by: Vec::new(),
        covariates: Vec::new(),
        interactions: Vec::new(),
        estimand: None,
        set: None,
        subgroup: None,
        at: None,
        then: Vec::new(),
        success: Success::Each,
        contrasts: Vec::new(),
        hypothesis: Hypothesis::Superiority,
        repeats: Vec::new(),
        options: MethodOptions::default(),
        missing: Missing::ObservedOnly,
        imputation: None,
        alpha: 0.05,
        sided: 2,
        by_default: false,
        at_looks_of: None,
    }
}

fn published() -> Vec<Published> {
    let figure = |of, statistic, values, unit, grade| Published {
        of,
        statistic,
        values,
        unit,
        grade,
        within: 3.0,
        source: "made up".into(),
    };
    let (arm, day) = (PublishedKey::Arm, PublishedKey::Day);
    let of = PublishedOf::Observable(0);
    let values = vec![(arm(1), -5.0), (arm(2), -100.0)];
    vec![
        figure(PublishedOf::Analysis(0), Statistic::Estimate, values, Some(unit("mmHg")), None),
        figure(PublishedOf::Endpoint(1), Statistic::Percent, vec![(arm(0), 50.0)], None, None),
        figure(
            PublishedOf::AdverseEvent(0),
            Statistic::Percent,
            vec![(arm(0), 5.0)],
            None,
            Some(2),
        ),
        figure(of, Statistic::Mean, vec![(day(28.0), 145.0)], Some(unit("mmHg")), None),
        figure(of, Statistic::Median, vec![(arm(2), 14.0)], Some(unit("kPa")), None),
        figure(of, Statistic::Truth, vec![(day(84.0), 140.0)], Some(unit("mmHg")), None),
    ]
}

//! Models of parameters alone, written by hand as the language would hand them over.

use proband_diag::{Sources, Span};
use proband_lang::{
    Between, Binary, Block, Bound, Covariate, Expr, Level, Model, Parameter, Spread, Symbol,
    SymbolId, SymbolKind, Unit,
};

pub(crate) struct Sketch {
    pub(crate) model: Model,
    span: Span,
}

/// A parameter as a line of a model would say it.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) typical: f64,
    pub(crate) between_twins: Option<Spread>,
    pub(crate) between_occasions: Option<Spread>,
    pub(crate) bounds: [Option<f64>; 2],
}

impl Line {
    pub(crate) fn new(name: &'static str, typical: f64, spread: Spread) -> Self {
        let (between_twins, between_occasions) = (Some(spread), None);
        Self { name, typical, between_twins, between_occasions, bounds: [None, None] }
    }

    pub(crate) fn within(self, lower: Option<f64>, upper: Option<f64>) -> Self {
        Self { bounds: [lower, upper], ..self }
    }

    pub(crate) fn per_occasion(self, spread: Spread) -> Self {
        Self { between_occasions: Some(spread), ..self }
    }
}

pub(crate) fn sd(size: f64) -> Expr {
    Expr::Number(size)
}

impl Sketch {
    /// A model of these parameters.
    pub(crate) fn of(lines: Vec<Line>) -> Model {
        let mut sketch = Self::new();
        for line in lines {
            sketch.add(line, None);
        }
        sketch.model
    }

    pub(crate) fn new() -> Self {
        let model = Model {
            name: "sketch".to_owned(),
            title: None,
            sources: vec![],
            time: Unit::hour(),
            symbols: vec![],
            categories: vec![],
            tables: vec![],
            covariates: vec![],
            inputs: vec![],
            parameters: vec![],
            blocks: vec![],
            lets: vec![],
            states: vec![],
            doses: vec![],
            nexts: vec![],
            jumps: vec![],
            events: vec![],
            hazards: vec![],
            updates: vec![],
            observables: vec![],
            order: vec![],
        };
        Self { model, span: Sources::default().add("sketch", " ").span(0..1) }
    }

    fn symbol(&mut self, name: &str, kind: SymbolKind) -> SymbolId {
        self.model.symbols.push(Symbol {
            name: name.to_owned(),
            unit: Unit::one(),
            kind,
            category: None,
            level: Level::Twin,
            span: self.span,
            text: None,
        });
        SymbolId(u32::try_from(self.model.symbols.len() - 1).unwrap())
    }

    pub(crate) fn covariate(&mut self, name: &str) -> Expr {
        let symbol = self.symbol(name, SymbolKind::Covariate(self.model.covariates.len()));
        self.model.covariates.push(Covariate { symbol, typical: None, between: Between::Last });
        Expr::Symbol(symbol)
    }

    /// Adds a parameter whose typical value is the number, times the factor if there is one.
    pub(crate) fn add(&mut self, line: Line, factor: Option<Expr>) {
        let at = self.model.parameters.len();
        let typical = self.symbol(line.name, SymbolKind::Typical(at));
        let symbol = self.symbol(line.name, SymbolKind::Parameter(at));
        let leading = Expr::Symbol(typical);
        let bound = |value: f64| Bound { value: Expr::Number(value), inclusive: false };
        self.model.parameters.push(Parameter {
            symbol,
            typical,
            typical_value: Some(line.typical),
            expression: match factor {
                Some(factor) => Expr::binary(Binary::Mul, leading, factor),
                None => leading,
            },
            between_twins: line.between_twins,
            between_occasions: line.between_occasions,
            lower: line.bounds[0].map(bound),
            upper: line.bounds[1].map(bound),
            block: None,
        });
    }

    /// Correlates parameters, whose spreads the covariance gives.
    pub(crate) fn block(model: &mut Model, members: &[usize], covariance: &[f64]) {
        let n = members.len();
        let size = |place: usize| covariance[place * (n + 1)].sqrt();
        for (place, &member) in members.iter().enumerate() {
            let spread = model.parameters[member].between_twins.as_mut().unwrap();
            *spread = match spread {
                Spread::LogNormal(_) => Spread::LogNormal(sd(size(place))),
                _ => Spread::Normal(sd(size(place))),
            };
        }
        let entries = covariance.iter().enumerate();
        let correlation =
            entries.map(|(at, c)| c / (size(at / n) * size(at % n))).collect::<Vec<f64>>();
        Self::correlate(model, members, &correlation);
    }

    /// Correlates parameters that have their spreads.
    pub(crate) fn correlate(model: &mut Model, members: &[usize], correlation: &[f64]) {
        for (place, &member) in members.iter().enumerate() {
            model.parameters[member].block = Some((model.blocks.len(), place));
        }
        let span = model.symbols[0].span;
        let (members, correlation) = (members.to_vec(), correlation.to_vec());
        model.blocks.push(Block { members, correlation, span });
    }
}

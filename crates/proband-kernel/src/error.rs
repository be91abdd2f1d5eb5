//! Why a system or a program can't be built.

/// Why a system or a program can't be built. What an author can write and what the kernel can't
/// yet do; the caller knows where it stands in the files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Definitions, perhaps of several models that feed each other, go round in a circle.
    #[error("`{0}` is defined by itself")]
    Circular(String),
    /// An input without a default is fed by nobody.
    #[error("nothing feeds the input `{0}`")]
    MissingInput(String),
    /// An expression of a trial uses what only models have: a table or a time since a happening.
    #[error("{0} has no meaning outside a model")]
    OnlyInModels(&'static str),
    /// An expression outside a system uses what only a system has.
    #[error("{0} has no meaning here")]
    OnlyInSystems(&'static str),
    /// Beyond what is built.
    #[error("not supported yet: {0}")]
    NotSupportedYet(String),
}

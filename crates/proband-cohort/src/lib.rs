//! A population and a seed to columns of twins

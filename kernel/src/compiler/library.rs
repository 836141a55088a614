// SPDX-License-Identifier: Apache-2.0
//! The mathematical functions that are no single operation: WGSL of exact operations, compiled with the
//! kernel that calls them, so that they too yield the same bits on every machine.

use naga::{
    BinaryOperator, Expression, Function, MathFunction, Module, ScalarKind,
    valid::{FunctionInfo, ModuleInfo},
};

/// What the names of the functions begin with.
pub(super) const PREFIX: &str = "assay_";

/// The functions.
const SOURCE: &str = include_str!("library.wgsl");

/// The source with the functions behind it, so that positions stay what they were. `None` when it calls none.
pub(super) fn append(source: &str, module: &Module, info: &ModuleInfo) -> Option<String> {
    let functions = module.functions.iter();
    let in_functions = functions.map(|(handle, function)| (function, &info[handle]));
    let entries = module.entry_points.iter().enumerate();
    let in_entries = entries.map(|(index, entry)| (&entry.function, info.get_entry_point(index)));
    let needed = in_functions
        .chain(in_entries)
        .any(|(function, info)| calls(module, function, info));
    needed.then(|| format!("{source}\n{SOURCE}"))
}

/// Whether a function computes something that is one of the library's functions.
fn calls(module: &Module, function: &Function, info: &FunctionInfo) -> bool {
    let mut expressions = function.expressions.iter();
    expressions.any(|(handle, expression)| match expression {
        Expression::Math { fun, .. } => name(*fun).is_some() || is_packing(*fun),
        Expression::Binary { op, .. } => {
            let inner = info[handle].ty.inner_with(&module.types);
            *op == BinaryOperator::Modulo && inner.scalar_kind() == Some(ScalarKind::Float)
        }
        _ => false,
    })
}

/// The library's function that a built-in function is, scalar by scalar.
pub(super) const fn name(function: MathFunction) -> Option<&'static str> {
    Some(match function {
        MathFunction::Cos => "cos",
        MathFunction::Cosh => "cosh",
        MathFunction::Sin => "sin",
        MathFunction::Sinh => "sinh",
        MathFunction::Tan => "tan",
        MathFunction::Tanh => "tanh",
        MathFunction::Acos => "acos",
        MathFunction::Asin => "asin",
        MathFunction::Atan => "atan",
        MathFunction::Atan2 => "atan2",
        MathFunction::Asinh => "asinh",
        MathFunction::Acosh => "acosh",
        MathFunction::Atanh => "atanh",
        MathFunction::Ceil => "ceil",
        MathFunction::Floor => "floor",
        MathFunction::Round => "round",
        MathFunction::Fract => "fract",
        MathFunction::Trunc => "trunc",
        MathFunction::Modf => "modf_fract",
        MathFunction::Frexp => "frexp_fract",
        MathFunction::Ldexp => "ldexp",
        MathFunction::Exp => "exp",
        MathFunction::Exp2 => "exp2",
        MathFunction::Log => "log",
        MathFunction::Log2 => "log2",
        MathFunction::Pow => "pow",
        MathFunction::SmoothStep => "smoothstep",
        MathFunction::InverseSqrt => "inverse_sqrt",
        MathFunction::QuantizeToF16 => "quantize_to_f16",
        _ => return None,
    })
}

/// Whether a function packs or unpacks floats, which calls some of the library.
const fn is_packing(function: MathFunction) -> bool {
    matches!(
        function,
        MathFunction::Pack4x8snorm
            | MathFunction::Pack4x8unorm
            | MathFunction::Pack2x16snorm
            | MathFunction::Pack2x16unorm
            | MathFunction::Pack2x16float
            | MathFunction::Unpack2x16float
    )
}

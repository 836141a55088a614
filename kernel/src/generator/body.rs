// SPDX-License-Identifier: Apache-2.0
//! The entry point: operations as statements.

use super::{
    ENTRY_POINT, arithmetic,
    layout::Layout,
    memory::Shape,
    values::{Value, builtin_range},
};
use crate::{
    float,
    program::{Builtin, Content, Kernel, LoopKind, Memory, MemoryIndex, Op, Register, Variable},
    validate::Report,
};

/// The loop fuel of an invocation, by the kind of loop that burns it.
const fn fuel_name(kind: LoopKind) -> &'static str {
    match kind {
        LoopKind::Uniform => "uniform_fuel",
        LoopKind::Varying => "varying_fuel",
    }
}

/// The invocations that fill the vectors of any device that runs workgroups in vectors of so many or fewer.
///
/// Mesa's lavapipe leaves the last invocations of a workgroup behind in some loops with barriers where they do not fill
/// one.
const VECTOR: u32 = 8;

/// The text of the entry point.
pub(super) fn entry_point(
    kernel: &Kernel,
    report: &Report,
    layout: &Layout,
    shapes: &[Shape],
) -> String {
    let mut writer = Writer {
        kernel,
        layout,
        shapes,
        floats: kernel.has_floats(),
        is_padded: !report.lanes.is_multiple_of(VECTOR) && kernel.code.contains(&Op::Barrier),
        turns: report.turns.iter(),
        left_blocks: left_blocks(&kernel.code).into_iter(),
        values: Vec::new(),
        next: 0,
        frames: Vec::new(),
        text: String::new(),
    };
    writer.head(report.lanes);
    for op in &kernel.code {
        writer.operation(op);
    }
    writer.text.push_str("}\n");
    writer.text
}

/// A structure that is open.
struct Frame {
    /// How many values were in scope when it was opened.
    base: usize,
    /// What closes it.
    close: &'static str,
}

struct Writer<'a> {
    kernel: &'a Kernel,
    layout: &'a Layout,
    shapes: &'a [Shape],
    /// Whether it has float functions.
    floats: bool,
    /// Whether invocations were added behind the last one: they do what it does, except that they change no memory that
    /// others see.
    is_padded: bool,
    /// The fuel of the turns of the metered loops to come.
    turns: core::slice::Iter<'a, u64>,
    /// Whether a `Break` leaves the blocks to come.
    left_blocks: std::vec::IntoIter<bool>,
    /// The registers in scope.
    values: Vec<Value>,
    /// The number of the next value.
    next: u32,
    frames: Vec<Frame>,
    text: String,
}

impl Writer<'_> {
    /// The signature, and what the statements refer to.
    fn head(&mut self, lanes: u32) {
        let (size, index) = match self.is_padded {
            true => (lanes.next_multiple_of(VECTOR), "invocation"),
            false => (lanes, "lane"),
        };
        // One-dimensional always: what a position is, the kernel says, and no limit on z applies.
        self.text.push_str(&format!(
            "@compute @workgroup_size({size})\n\
             fn {ENTRY_POINT}(\n    \
             @builtin(local_invocation_index) {index}: u32,\n    \
             @builtin(workgroup_id) workgroup: vec3<u32>,\n) {{\n"
        ));
        if self.is_padded {
            self.line(&format!("let is_here = {index} < {lanes}u;"));
            let last = lanes.saturating_sub(1);
            self.line(&format!("let lane = min({index}, {last}u);"));
        }
        self.line(&format!(
            "let group_index = {} + workgroup.x;",
            self.layout.first()
        ));
        let words = self.kernel.tile_words;
        self.line(&format!("let tile = group_index * {words}u;"));
        self.line(&format!("let tile_in_batch = workgroup.x * {words}u;"));
        if self.uses(|op| {
            matches!(
                op,
                Op::Builtin(Builtin::GroupX | Builtin::GroupY | Builtin::GroupZ)
            )
        }) {
            self.place();
        }
        for shape in self.shapes {
            if let Some(declaration) = shape.function_scope(self.layout) {
                self.line(&declaration);
            }
        }
        if self.floats {
            let [opaque, opaque_too] = self.layout.opaque();
            self.line(&format!("let opaque = {opaque};"));
            self.line(&format!("let opaque_too = {opaque_too};"));
        }
        for (variable, kind) in self.kernel.variables.iter().enumerate() {
            let zero = match kind.content {
                Content::Words => "0u",
                // Of a variable that is never set, a compiler knows that it is 0, and then that so is x * 0.
                Content::Floats => "bitcast<f32>(opaque)",
            };
            self.line(&format!("var v{variable} = {zero};"));
        }
        for kind in [LoopKind::Uniform, LoopKind::Varying] {
            if self.uses(|op| *op == Op::Loop(kind)) {
                let fuel = self.kernel.loop_fuel;
                self.line(&format!("var {} = {fuel}u;", fuel_name(kind)));
            }
        }
    }

    /// The workgroup's position; in a grid of one dimension it takes no division.
    fn place(&mut self) {
        let (x, y, z) = (
            self.layout.grid(0),
            self.layout.grid(1),
            self.layout.grid(2),
        );
        self.line("var group = vec3<u32>(group_index, 0u, 0u);");
        self.line(&format!("if ({y} | {z}) != 1u {{"));
        self.line(&format!("    let row = group_index / max({x}, 1u);"));
        self.line(&format!(
            "    group = vec3<u32>(group_index - row * {x}, row % max({y}, 1u), row / max({y}, 1u));"
        ));
        self.line("}");
    }

    fn uses(&self, used: impl Fn(&Op) -> bool) -> bool {
        self.kernel.code.iter().any(used)
    }

    /// Appends a line, indented as deep as it is nested.
    fn line(&mut self, line: &str) {
        for _ in 0..=self.frames.len() {
            self.text.push_str("    ");
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn value(&self, register: Register) -> Value {
        self.values
            .get(usize::from(register))
            .copied()
            // The validator lets no other register pass.
            .unwrap_or(Value::word(u32::MAX))
    }

    fn content(&self, variable: Variable) -> Content {
        let kind = self.kernel.variables.get(usize::from(variable));
        kind.map_or(Content::Words, |kind| kind.content)
    }

    /// A constant, which a float function may take as a float.
    fn constant(&mut self, word: u32) {
        let text = format!("{word}u");
        if !self.floats || !float::is_canonical(word) {
            return self.define_within(text, (word, word));
        }
        let value = Value::float_constant(self.next, word);
        let name = value.as_float();
        self.line(&format!("let {name} = bitcast<f32>({text} | opaque);"));
        self.define((text, value));
    }

    fn load(&mut self, memory: MemoryIndex, address: Register) {
        let address = self.value(address);
        let Some(shape) = self.shapes.get(usize::from(memory)) else {
            return;
        };
        let text = shape.load(&address, self.layout);
        let floats = matches!(
            self.kernel.memories.get(usize::from(memory)),
            Some(Memory::Workgroup(_, Content::Floats) | Memory::Private(_, Content::Floats))
        );
        self.define(match floats {
            true => (
                format!("bitcast<f32>({text} | opaque)"),
                Value::float(self.next),
            ),
            false => (text, Value::word(self.next)),
        });
    }

    fn define(&mut self, (text, value): (String, Value)) {
        self.line(&format!("let {} = {text};", value.name()));
        self.values.push(value);
        self.next = self.next.saturating_add(1);
    }

    fn define_within(&mut self, text: String, (least, greatest): (u32, u32)) {
        let value = Value::within(self.next, least, greatest);
        self.define((text, value));
    }

    fn open(&mut self, line: &str, close: &'static str) {
        self.line(line);
        self.frames.push(Frame {
            base: self.values.len(),
            close,
        });
    }

    /// Ends the scope of the innermost structure's values; what closes it.
    fn leave_scope(&mut self) -> &'static str {
        match self.frames.pop() {
            Some(frame) => {
                self.values.truncate(frame.base);
                frame.close
            }
            None => "",
        }
    }

    fn on_memory(&mut self, memory: MemoryIndex, statement: impl Fn(&Shape) -> String) {
        if let Some(shape) = self.shapes.get(usize::from(memory)) {
            let statement = statement(shape);
            if statement.is_empty() {
                return;
            }
            match self.is_padded && shape.is_shared() {
                true => self.line(&format!("if is_here {{ {statement} }}")),
                false => self.line(&statement),
            }
        }
    }

    fn operation(&mut self, op: &Op) {
        let next = self.next;
        match *op {
            Op::Constant(word) => self.constant(word),
            Op::Builtin(builtin) => {
                let range = builtin_range(builtin, self.kernel.workgroup);
                self.define_within(self.builtin(builtin), range);
            }
            Op::Unary(function, a) => {
                let a = self.value(a);
                self.define(arithmetic::unary(function, &a, next));
            }
            Op::Binary(function, a, b) => {
                let (a, b) = (self.value(a), self.value(b));
                self.define(arithmetic::binary(function, &a, &b, next));
            }
            Op::Select(condition, a, b) => {
                let (condition, a, b) = (self.value(condition), self.value(a), self.value(b));
                self.define(arithmetic::select(&condition, &a, &b, next));
            }
            Op::Get(variable) => {
                let value = match self.content(variable) {
                    Content::Words => Value::word(next),
                    Content::Floats => Value::float(next),
                };
                self.define((format!("v{variable}"), value));
            }
            Op::Set(variable, a) => {
                let text = match self.content(variable) {
                    Content::Words => self.value(a).as_word(),
                    Content::Floats => self.value(a).as_float(),
                };
                self.line(&format!("v{variable} = {text};"));
            }
            Op::Load(memory, address) => self.load(memory, address),
            Op::Store(memory, address, value) => {
                let (address, value) = (self.value(address), self.value(value));
                self.on_memory(memory, |shape| shape.store(&address, &value));
            }
            Op::Atomic(atomic, memory, address, value) => {
                let (address, value) = (self.value(address), self.value(value));
                self.on_memory(memory, |shape| shape.combine(atomic, &address, &value));
            }
            Op::Length(memory) => {
                if let Some(shape) = self.shapes.get(usize::from(memory)) {
                    let (text, known) = shape.length(self.layout);
                    let range = known.map_or((0, u32::MAX), |words| (words, words));
                    self.define_within(text, range);
                }
            }
            Op::Barrier => self.barrier(),
            Op::If(condition) => {
                let condition = self.value(condition).as_condition();
                self.open(&format!("if {condition} {{"), "}");
            }
            Op::Else => {
                let close = self.leave_scope();
                self.open("} else {", close);
            }
            Op::Block => {
                if self.left_blocks.next() == Some(true) {
                    self.open("switch 0u { default: {", "} }");
                } else {
                    self.open("{", "}");
                }
            }
            Op::Repeat(_, count) => self.open_repeat(count),
            Op::Loop(kind) => self.open_loop(kind),
            Op::Continuing => {
                self.leave_scope();
                self.open("    continuing {", "} }");
            }
            Op::BreakIf(condition) => {
                let condition = self.value(condition).as_condition();
                self.line(&format!("break if {condition};"));
            }
            Op::End => {
                let close = self.leave_scope();
                self.line(close);
            }
            Op::Break => self.line("break;"),
            Op::Continue => self.line("continue;"),
            Op::Return => self.line("return;"),
        }
    }

    /// Opens a loop that counts its turns.
    fn open_repeat(&mut self, count: u32) {
        let turn = self.next;
        self.open(
            &format!("for (var turn{turn} = 0u; turn{turn} < {count}u; turn{turn}++) {{"),
            "}",
        );
        self.define_within(format!("turn{turn}"), (0, count.saturating_sub(1)));
    }

    /// Opens a loop that pays for each turn before it.
    fn open_loop(&mut self, kind: LoopKind) {
        let turn = self.turns.next().copied().unwrap_or(u64::MAX);
        self.open("loop {", "}");
        let fuel = fuel_name(kind);
        match u32::try_from(turn) {
            Ok(turn) => {
                self.line(&format!("if {fuel} < {turn}u {{ break; }}"));
                self.line(&format!("{fuel} -= {turn}u;"));
            }
            // No invocation can ever pay for it.
            Err(_) => self.line("if true { break; }"),
        }
    }

    fn barrier(&mut self) {
        // What others wrote into the tile has to be seen too, if anybody looks.
        let output = |memory: &MemoryIndex| {
            self.shapes
                .get(usize::from(*memory))
                .is_some_and(Shape::is_output)
        };
        if self.uses(|op| matches!(op, Op::Load(memory, _) if output(memory))) {
            self.line("storageBarrier();");
        }
        self.line("workgroupBarrier();");
    }

    fn builtin(&self, builtin: Builtin) -> String {
        let [x, y, z] = self.kernel.workgroup;
        let row = u32::from(x).saturating_mul(y.into());
        match builtin {
            Builtin::LocalX if y == 1 && z == 1 => "lane".into(),
            Builtin::LocalX => format!("lane % {x}u"),
            Builtin::LocalY => format!("(lane / {x}u) % {y}u"),
            Builtin::LocalZ => format!("lane / {row}u"),
            Builtin::LocalIndex => "lane".into(),
            Builtin::GroupX => "group.x".into(),
            Builtin::GroupY => "group.y".into(),
            Builtin::GroupZ => "group.z".into(),
            Builtin::GridX => self.layout.grid(0),
            Builtin::GridY => self.layout.grid(1),
            Builtin::GridZ => self.layout.grid(2),
        }
    }
}

/// For each `Block`, in the order of the program, whether a `Break` leaves it.
fn left_blocks(code: &[Op]) -> Vec<bool> {
    let mut blocks = Vec::new();
    // The open structures that a `Break` can leave; of a block, its number. `None` for an `If`.
    let mut open: Vec<Option<Option<usize>>> = Vec::new();
    for op in code {
        match op {
            Op::If(_) => open.push(None),
            Op::Repeat(..) | Op::Loop(_) => open.push(Some(None)),
            Op::Block => {
                open.push(Some(Some(blocks.len())));
                blocks.push(false);
            }
            Op::End => drop(open.pop()),
            Op::Break => {
                let block = open.iter().rev().find_map(|structure| *structure).flatten();
                if let Some(left) = block.and_then(|block| blocks.get_mut(block)) {
                    *left = true;
                }
            }
            _ => {}
        }
    }
    blocks
}

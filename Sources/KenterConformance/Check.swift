import KenterProtocol

/// One rule of the plugin contract, and how to find out whether a plugin keeps it.
struct Check: Sendable {
    /// What must be so for a check to make sense.
    enum Need: Equatable, Sendable {
        case role(String)
        case capability(String, of: String)
        /// A network namespace and a mount namespace that are thrown away afterwards.
        case sandbox
        /// Another check that has passed.
        case passed(String)
    }

    var id: String
    /// The rule, as one sentence.
    var sentence: String
    var needs: [Need]
    var run: @Sendable (Bench) throws(CheckEnd) -> Void

    init(
        _ id: String, _ sentence: String, needs: [Need] = [],
        _ run: @escaping @Sendable (Bench) throws(CheckEnd) -> Void
    ) {
        self.id = id
        self.sentence = sentence
        self.needs = needs
        self.run = run
    }

    /// A rule that is watched over in every conversation, and decided at the end.
    init(watched id: String, _ sentence: String) {
        self.init(id, sentence) { bench throws(CheckEnd) in
            if let violation = bench.violations.first(where: { $0.check == id }) {
                throw .broken(violation)
            }
        }
    }
}

/// Why a check ended before its end.
enum CheckEnd: Error {
    /// The rule is broken.
    case failed(String)
    /// The rule cannot be looked at here.
    case skipped(String)
    /// A rule was broken that has a check of its own, which tells.
    case blocked(Violation)
    /// The rule was seen broken earlier.
    case broken(Violation)
}

/// A rule that was seen broken while something else was looked at.
struct Violation {
    /// The id of the rule's own check.
    var check: String
    var text: String
    var lines: [String] = []
}

extension Bool {
    /// Ends a check where it does not hold.
    func orFail(_ text: @autoclosure () -> String) throws(CheckEnd) {
        if !self { throw .failed(text()) }
    }
}

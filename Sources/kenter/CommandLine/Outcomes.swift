import JSONRPC
import KenterProtocol

/// The same done to several things: what fails is told and does not keep the others from being done.
struct Outcomes {
    private var failed = false

    /// Does it to one after the other.
    static func each(_ names: [String], _ body: (String) async throws -> Void) async throws {
        var outcomes = Outcomes()
        await outcomes.each(names, body)
        try outcomes.finish()
    }

    /// The same where more is to be done, whatever becomes of these.
    mutating func each<Thing>(_ things: [Thing], _ body: (Thing) async throws -> Void) async {
        for thing in things {
            do { try await body(thing) } catch { report(error) }
        }
    }

    /// Tells of what one call did to several containers: prints the names as they were given where it succeeded.
    static func show(_ outcomes: ContainerOutcomes, of names: [String], quietly: Bool = false) throws {
        var report = Outcomes()
        let failures = Dictionary(outcomes.errors.map { ($0.container, $0.message) }) { first, _ in first }
        for name in names {
            if let message = failures[name] {
                report.report(CommandFailure(message))
            } else if !quietly {
                Output.line(TerminalText.escaped(name))
            }
        }
        // An error for a name that nobody gave must not get lost.
        for failure in outcomes.errors where !names.contains(failure.container) {
            report.report(CommandFailure(failure.message))
        }
        try report.finish()
    }

    mutating func report(_ error: any Error) {
        failed = true
        if let message = CommandFailure(error).message { Output.errorLine("kenter: \(TerminalText.escaped(message))") }
    }

    func finish() throws {
        if failed { throw CommandFailure.silent(1) }
    }
}

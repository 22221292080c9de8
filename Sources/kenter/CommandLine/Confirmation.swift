import CLinux
import Glibc

/// A question before something is removed that nobody named.
struct ConfirmationOptions {
    let force: Bool

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        force = arguments.flag("force", "f", "Do not ask first.")
    }

    /// Ends the command unless the user says yes.
    func confirm(_ warning: String) throws {
        if force { return }
        Output.write("WARNING! \(warning)\nAre you sure you want to continue? [y/N] ")
        guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
            throw CommandFailure.silent(1)
        }
    }
}

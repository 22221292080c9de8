/// What is wrong with a compose file, and where: `services.web.ports[0]: …`.
package struct ComposeError: Error, Equatable, CustomStringConvertible {
    /// Where in the file; empty for the whole of it.
    package let path: String
    package let text: String

    package init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }

    package var description: String { path.isEmpty ? text : "\(path): \(text)" }
}

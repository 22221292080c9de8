/// Where a compose file's `${NAME}` get their values: the caller's environment, then the project's `.env`.
package struct ComposeEnvironment: Sendable {
    private let own: @Sendable (String) -> String?
    private var file: [String: String] = [:]

    /// - Parameter own: Looks up a variable of the calling process.
    package init(own: @escaping @Sendable (String) -> String?) {
        self.own = own
    }

    package func value(_ name: String) -> String? { own(name) ?? file[name] }

    /// Adds the variables of a `.env` file; those of the calling process win. Fails on a line that is none.
    package mutating func addFile(_ text: String, path: String) throws(ComposeError) {
        for (name, value) in try DotEnvironment.parse(text, path: path, self) { file[name] = value }
    }
}

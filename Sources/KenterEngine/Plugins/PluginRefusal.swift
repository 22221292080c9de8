/// Why a plugin is not run, or not any more: a reason that starting it again would not change.
package struct PluginRefusal: Error, Equatable, CustomStringConvertible {
    /// One sentence, without a full stop.
    package var reason: String
    package var description: String { reason }

    package init(_ reason: String) {
        self.reason = reason
    }
}

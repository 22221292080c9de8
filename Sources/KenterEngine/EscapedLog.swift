package import Logging

/// Writes to another log what is safe to read there: names and messages of containers, images, plugins and clients may hold
/// ends of lines, orders to a terminal, and marks that turn text around.
package struct EscapedLog: LogHandler {
    private var log: any LogHandler

    package init(_ log: any LogHandler) { self.log = log }

    package var logLevel: Logger.Level {
        get { log.logLevel }
        set { log.logLevel = newValue }
    }

    package var metadata: Logger.Metadata {
        get { log.metadata }
        set { log.metadata = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { log[metadataKey: key] }
        set { log[metadataKey: key] = newValue }
    }

    package func log(event: LogEvent) {
        var event = event
        event.message = "\(LogText.escape(event.message.description))"
        event.metadata = event.metadata?.mapValues { .string(LogText.escape($0.description)) }
        log.log(event: event)
    }
}

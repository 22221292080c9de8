import Glibc

/// A place in a container's log, to read on from there.
struct LogMark: Sendable {
    private let path: String
    private let offset: Int64

    /// The end of what is there now.
    init(endOf path: String) {
        self.path = path
        var status = stat()
        offset = stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// What has been written since, in its order, up to a number of bytes.
    func rest(limitBytes: Int) -> [OutputChunk] {
        guard var file = LogFile(path: path) else { return [] }
        defer { file.close() }
        file.skip(to: offset)
        var chunks: [OutputChunk] = []
        var bytes = 0
        while file.fill() {
            while bytes < limitBytes, let entry = file.nextEntry() {
                bytes += entry.bytes.count
                chunks.append(OutputChunk(channel: entry.channel, bytes: entry.bytes))
            }
        }
        return chunks
    }
}

import KenterProtocol
import CLinux
import Glibc
import JSONRPC
import Threads

/// The unpacked layers of this engine, each once whatever number of images and containers share it.
actor LayerStore {
    private let directory: StateDirectory
    private let limits: LayerLimits
    /// Extractions under way; a second request for the same digest waits for the first.
    private var applying: [Digest: Task<Layer, any Error>] = [:]

    init(_ directory: StateDirectory, limits: LayerLimits) {
        self.directory = directory
        self.limits = limits
    }

    /// Unpacks a layer unless that is done or under way.
    func apply(_ digest: Digest, path: String, mediaType: String) async throws -> Layer {
        try LayerExtraction.requireLayer(mediaType: mediaType)
        if let running = applying[digest] { return try await running.value }
        if let layer = try Layer(digest, in: directory) { return layer }
        let extraction = LayerExtraction(digest: digest, path: path, limits: limits)
        // Unstructured because several callers may wait for it, and any of them may leave earlier.
        let task = Task {
            // Before anybody who waits goes on: the next request must find the result, not this task.
            defer { applying[digest] = nil }
            return try await extract(extraction)
        }
        applying[digest] = task
        return try await task.value
    }

    /// Removes a layer, stopping its extraction if need be; success when there is none.
    func remove(_ digest: Digest) async throws {
        while let running = applying[digest] {
            running.cancel()
            _ = await running.result
        }
        guard try Layer(digest, in: directory) != nil || directory.exists(.layers, digest.shortName) else { return }
        try await removeFiles(named: digest.shortName)
    }

    /// The digests of all layers that are whole.
    nonisolated func digests() -> [String] { records().map(\.digest) }

    /// Removes files that belong to no layer: a crash between the record and the layer leaves one without the other.
    func removeRemains() async -> [RPCError] {
        var failures: [RPCError] = []
        let known = Set(records().map(\.name) + applying.keys.map(\.shortName))
        for name in directory.names(in: .layers).map(shortName) where !known.contains(name) {
            do {
                try await removeFiles(named: name)
            } catch {
                failures.append(error)
            }
        }
        return failures
    }

    private func extract(_ extraction: LayerExtraction) async throws -> Layer {
        let name = extraction.digest.shortName
        let temporaryPath = directory.temporaryPath()
        guard mkdir(temporaryPath, 0o755) == 0 else { throw RPCError.system("create", temporaryPath) }
        do {
            let outcome = try await extraction.run(into: temporaryPath, lock: directory.lock)
            let layer = Layer(extraction.digest, outcome)
            // The record first: a layer without one would be of unknown digest.
            try directory.write(layer.record, as: .layers, "\(name).json", isDurable: true)
            if let remains = try directory.withdraw(.layers, name) { await removeTree(remains) }
            try directory.install(temporaryPath, as: .layers, name)
            try directory.synchronize(.layers)
            return layer
        } catch {
            await removeTree(temporaryPath)
            throw error
        }
    }

    private func removeFiles(named name: String) async throws(RPCError) {
        let files = try directory.withdraw(.layers, name)
        let record = try directory.withdraw(.layers, "\(name).json")
        for path in [files, record].compactMap({ $0 }) {
            if let failure = await removeTree(path) { throw failure }
        }
    }

    private nonisolated func records() -> [(name: String, digest: String)] {
        directory.names(in: .layers).compactMap { name in
            guard name.hasSuffix(".json"), directory.exists(.layers, shortName(name)),
                let digest = StateDirectory.read(directory.path(.layers, name))?["digest"]?.string
            else { return nil }
            return (shortName(name), digest)
        }
    }

    private nonisolated func shortName(_ name: String) -> String {
        name.hasSuffix(".json") ? String(name.dropLast(5)) : name
    }
}

/// Removes a tree off the concurrency pool; returns what went wrong.
@discardableResult
func removeTree(_ path: String) async -> RPCError? {
    await DetachedThread.run {
        do {
            try DirectoryTree.removeAny(path)
            return nil
        } catch {
            return error as? RPCError
        }
    }
}

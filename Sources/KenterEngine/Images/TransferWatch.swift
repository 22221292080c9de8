import CLinux
import Glibc
import Synchronization

/// Sees how far a copy has come from the sizes of the files it writes: skopeo itself tells only a terminal.
final class TransferWatch: Sendable {
    private let layers: [OCIDescriptor]
    private let layout: OCILayout
    private let unfinishedDirectory: String
    private let doneBytes = Mutex<Int64>(0)

    init(_ image: RegistryImage, layout: OCILayout, workplace: Skopeo.Workplace) {
        layers = image.layers
        self.layout = layout
        unfinishedDirectory = "\(workplace.directory)/\(Skopeo.layoutName)"
    }

    func progress() -> TransferProgress {
        let done = layers.filter(layout.contains)
        let bytes = done.reduce(0) { $0 + $1.sizeBytes } + unfinishedBytes()
        // A blob that is just being renamed counts nowhere for a moment.
        let doneBytes = doneBytes.withLock { highest in
            highest = max(highest, bytes)
            return highest
        }
        let totalBytes = layers.reduce(0) { $0 + $1.sizeBytes }
        return TransferProgress(
            doneBytes: layers.isEmpty ? doneBytes : min(doneBytes, totalBytes),
            totalBytes: layers.isEmpty ? nil : totalBytes, doneLayers: done.count,
            totalLayers: layers.isEmpty ? nil : layers.count)
    }

    private func unfinishedBytes() -> Int64 {
        var bytes: Int64 = 0
        for name in SmallFile.names(in: unfinishedDirectory) where name.hasPrefix("oci-put-blob") {
            var status = stat()
            if lstat("\(unfinishedDirectory)/\(name)", &status) == 0 { bytes += Int64(status.st_size) }
        }
        return bytes
    }
}

import TestSupport
import Testing

/// The `life` vectors on a running engine.
@Suite struct LinkLifeTests {
    @Test func allVectorsAreTaken() throws {
        #expect(try LinkLifeVector.all().count == 20)
    }

    @Test(arguments: try LinkLifeVector.all())
    func linksLiveAsDescribed(_ vector: LinkLifeVector) async throws {
        try await TestEngine.with(images: ["busybox"], configuration: vector.configuration) { engine in
            let life = LinkLife(engine: engine)
            for step in vector.steps { try await life.perform(step) }
        }
    }
}

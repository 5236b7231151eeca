import Foundation
import TestbedKit
import Testing

extension OnThisMachine {
    @Suite struct RealLinkTests {
        /// Takes one connection, and prints the rate in bytes/s from its first byte on.
        private static let receiver = """
            import socket, sys, time
            server = socket.create_server(("0.0.0.0", 9000))
            print("ready", flush=True)
            connection, _ = server.accept()
            first = len(connection.recv(65536))
            start, count = time.monotonic(), 0
            while True:
                part = connection.recv(65536)
                if not part:
                    break
                count += len(part)
            print(count / (time.monotonic() - start), flush=True)
            """

        private static let sender = """
            import socket, sys
            connection = socket.create_connection((sys.argv[1], 9000))
            connection.sendall(bytes(int(sys.argv[2])))
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
            """

        /// Sends so many bytes and returns the rate at which they arrive.
        private static func rate(from sender: TestbedBoard, to receiver: TestbedBoard, bytes: Int) async throws
            -> Double
        {
            let server = try await receiver.start("/usr/bin/python3", ["-c", Self.receiver])
            var rate: Double?
            for await event in server.events {
                guard case .line(let bytes_) = event else { continue }
                let line = String(decoding: bytes_, as: UTF8.self)
                if line == "ready" {
                    let result = try await Beds.run(
                        sender, ["/usr/bin/python3", "-c", Self.sender, receiver.address, "\(bytes)"])
                    #expect(result.exit == .code(0), "\(result.errors)")
                } else {
                    rate = Double(line)
                }
            }
            return try #require(rate)
        }

        @Test func `each link has its own rate, both at once, and a change holds at once`() async throws {
            try await Beds.with(
                3,
                adjust: { scenario in
                    for index in scenario.boards.indices {
                        scenario.boards[index].governor = "performance"
                        scenario.boards[index].cores = 0.4
                    }
                    scenario.cluster.links = scenario.cluster.links.map { link in
                        var link = link
                        link.bandwidthBytesPerS = link.between.contains("potato") ? 1e6 : 4e6
                        return link
                    }
                }
            ) { bed in
                let (pi, potato, nano) = (try bed.board("pi"), try bed.board("potato"), try bed.board("nano"))
                async let slow = Self.rate(from: pi, to: potato, bytes: 2_000_000)
                async let fast = Self.rate(from: pi, to: nano, bytes: 8_000_000)
                let (slowRate, fastRate) = (try await slow, try await fast)
                print("measured / asked: \(slowRate / 1e6) at 1e6, \(fastRate / 4e6) at 4e6, at the same time")
                #expect(abs(slowRate / 1e6 - 1) < 0.05)
                #expect(abs(fastRate / 4e6 - 1) < 0.05)
                for bytesPerS in [250e3, 10e6] {
                    try await bed.setLink("pi", "potato", bytesPerS: bytesPerS)
                    let there = try await Self.rate(from: pi, to: potato, bytes: Int(2 * bytesPerS))
                    let back = try await Self.rate(from: potato, to: pi, bytes: Int(2 * bytesPerS))
                    print("measured / asked: \(there / bytesPerS) and back \(back / bytesPerS) at \(bytesPerS)")
                    #expect(abs(there / bytesPerS - 1) < 0.05)
                    #expect(abs(back / bytesPerS - 1) < 0.05)
                }
                await #expect(throws: TestbedError.self) { try await bed.setLink("pi", "mars", bytesPerS: 1e6) }
            }
        }
    }
}

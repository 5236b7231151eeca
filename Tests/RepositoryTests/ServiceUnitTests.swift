import Foundation
import Testing

@Suite struct ServiceUnitTests {
    @Test(
        "systemd rates a unit's exposure 2.0 or lower",
        .enabled(if: Repository.has(command: "systemd-analyze"), "systemd-analyze is not installed here"),
        arguments: ["lamella.service", "lamella-carbon.service"])
    func exposure(unit: String) throws {
        let outcome = try Repository.run(
            ["systemd-analyze", "security", "--offline=true", "--no-pager", "systemd/\(unit)"])
        let last = try #require(outcome.output.split(separator: "\n").last { $0.contains("Overall exposure level") })
        let words = last.split(separator: " ")
        let level = try #require(words.compactMap { Double($0) }.last, "\(last)")
        #expect(level <= 2.0, "\(outcome.output)")
    }

    @Test("The unit starts the agent with the configuration file that is installed, and reloads it by SIGHUP")
    func commands() throws {
        let unit = try Repository.text("systemd/lamella.service")
        for line in [
            "Type=notify", "ExecStart=/usr/local/bin/lamella agent --config /etc/lamella/agent.toml",
            "ExecReload=/bin/kill -HUP $MAINPID",
            "ExecStopPost=/usr/local/bin/lamella board restore --state-dir /var/lib/lamella",
            "User=lamella", "StateDirectory=lamella", "Restart=on-failure",
        ] {
            #expect(unit.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
        #expect(unit.contains("\nWatchdogSec="))
    }

    @Test("The feed's unit takes its arguments from the file that is installed, which holds some and no token")
    func feed() throws {
        let unit = try Repository.text("systemd/lamella-carbon.service")
        for line in [
            "EnvironmentFile=/etc/lamella/carbon.conf", "ExecStart=/usr/local/bin/lamella carbon feed $LAMELLA_CARBON",
            "User=lamella",
        ] {
            #expect(unit.split(separator: "\n").contains { $0 == line }, "\(line)")
        }
        let settings = try Repository.text("firmware-config/carbon.conf").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
        #expect(settings == ["LAMELLA_CARBON=--source great-britain"])
    }
}

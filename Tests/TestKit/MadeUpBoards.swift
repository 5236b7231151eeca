/// Trees of boards as their kernels show them, in part; for `MadeUpTree`.
public enum MadeUpBoards {
    private static let policy = "/sys/devices/system/cpu/cpufreq/policy0"
    public static let bootID = "/proc/sys/kernel/random/boot_id"

    private static func common(model: String, totalKibibytes: Int) -> [String: String] {
        [
            "/proc/device-tree/model": model + "\0",
            bootID: "7f6d7a3e-4a44-4c5c-8f57-0f2a55b2b6d1",
            "/proc/meminfo": """
            MemTotal:        \(totalKibibytes) kB
            MemFree:          101234 kB
            MemAvailable:    \(totalKibibytes / 2) kB
            """,
            "/sys/class/net/lo/operstate": "unknown",
            "/sys/class/net/eth0/operstate": "up",
            "/sys/class/net/eth0/speed": "1000",
        ]
    }

    /// One policy of four cores, a Wi-Fi interface, no power sensor.
    public static var raspberryPi4: [String: String] {
        common(model: "Raspberry Pi 4 Model B Rev 1.4", totalKibibytes: 3_884_348).merging([
            "\(policy)/affected_cpus": "0 1 2 3",
            "\(policy)/related_cpus": "0 1 2 3",
            "\(policy)/cpuinfo_min_freq": "600000",
            "\(policy)/cpuinfo_max_freq": "1500000",
            "\(policy)/scaling_available_frequencies": "600000 700000 800000 900000 1000000 1100000 1200000 1300000 "
                + "1400000 1500000 ",
            "\(policy)/scaling_min_freq": "600000",
            "\(policy)/scaling_max_freq": "1500000",
            "\(policy)/scaling_cur_freq": "900000",
            "\(policy)/scaling_governor": "ondemand",
            "\(policy)/scaling_available_governors": "conservative ondemand userspace powersave performance schedutil",
            "\(policy)/scaling_setspeed": "<unsupported>",
            "/sys/class/thermal/thermal_zone0/type": "cpu-thermal",
            "/sys/class/thermal/thermal_zone0/temp": "48199",
            "/sys/class/thermal/thermal_zone0/trip_point_0_type": "critical",
            "/sys/class/thermal/thermal_zone0/trip_point_0_temp": "110000",
            "/sys/class/net/wlan0/operstate": "up",
            "/sys/class/net/wlan0/wireless/": "",
        ]) { $1 }
    }

    /// One policy, a GPU of devfreq, and the three rails of the INA3221 as kernel 4.9 shows them.
    public static var jetsonNano: [String: String] {
        let gpu = "/sys/class/devfreq/57000000.gpu"
        let iio = "/sys/bus/iio/devices/iio:device0"
        var files = common(model: "NVIDIA Jetson Nano Developer Kit", totalKibibytes: 4_059_712).merging([
            "\(policy)/affected_cpus": "0 1 2 3",
            "\(policy)/cpuinfo_min_freq": "102000",
            "\(policy)/cpuinfo_max_freq": "1479000",
            "\(policy)/scaling_available_frequencies": "102000 204000 307200 403200 518400 614400 710400 825600 "
                + "921600 1036800 1132800 1224000 1326000 1428000 1479000 ",
            "\(policy)/scaling_min_freq": "102000",
            "\(policy)/scaling_max_freq": "1479000",
            "\(policy)/scaling_cur_freq": "1479000",
            "\(policy)/scaling_governor": "schedutil",
            "\(policy)/scaling_available_governors": "interactive conservative ondemand userspace powersave "
                + "performance schedutil ",
            "\(gpu)/available_frequencies": "76800000 153600000 230400000 307200000 384000000 460800000 537600000 "
                + "614400000 691200000 768000000 844800000 921600000",
            "\(gpu)/min_freq": "76800000",
            "\(gpu)/max_freq": "921600000",
            "\(gpu)/cur_freq": "76800000",
            "\(gpu)/governor": "nvhost_podgov",
            "\(gpu)/available_governors": "wmark_active wmark_simple nvhost_podgov userspace performance "
                + "simple_ondemand",
            "\(iio)/name": "ina3221x",
            "/sys/class/thermal/thermal_zone1/type": "CPU-therm",
            "/sys/class/thermal/thermal_zone1/temp": "31500",
            "/sys/class/thermal/thermal_zone1/trip_point_0_type": "passive",
            "/sys/class/thermal/thermal_zone1/trip_point_0_temp": "97000",
            "/sys/class/thermal/thermal_zone1/trip_point_1_type": "critical",
            "/sys/class/thermal/thermal_zone1/trip_point_1_temp": "102500",
        ]) { $1 }
        for (number, rail) in [("POM_5V_IN", "2216"), ("POM_5V_GPU", "41"), ("POM_5V_CPU", "411")].enumerated() {
            files["\(iio)/rail_name_\(number)"] = rail.0
            files["\(iio)/in_power\(number)_input"] = rail.1
            files["\(iio)/in_voltage\(number)_input"] = "5112"
            files["\(iio)/in_current\(number)_input"] = "433"
        }
        return files
    }

    /// The INA3221 as hwmon shows it: voltages, currents, and the voltages of the shunts.
    public static var jetsonOrinNano: [String: String] {
        let hwmon = "/sys/class/hwmon/hwmon1"
        let gpu = "/sys/class/devfreq/17000000.gpu"
        var files = common(
            model: "NVIDIA Jetson Orin Nano Developer Kit", totalKibibytes: 7_802_000
        ).merging([
            "\(gpu)/available_frequencies": "306000000 408000000 510000000 612000000 624750000",
            "\(gpu)/min_freq": "306000000", "\(gpu)/max_freq": "624750000", "\(gpu)/cur_freq": "306000000",
            "\(gpu)/governor": "nvhost_podgov",
            "\(hwmon)/name": "ina3221",
        ]) { $1 }
        let rails = [("VDD_IN", 4936, 904), ("VDD_CPU_GPU_CV", 4936, 120), ("VDD_SOC", 4928, 248)]
        for (number, rail) in rails.enumerated() {
            files["\(hwmon)/in\(number + 1)_label"] = rail.0
            files["\(hwmon)/in\(number + 1)_input"] = "\(rail.1)"
            files["\(hwmon)/curr\(number + 1)_input"] = "\(rail.2)"
            files["\(hwmon)/in\(number + 4)_input"] = "\(rail.2 / 50)"
        }
        files["\(hwmon)/in7_label"] = "sum of shunt voltages"
        files["\(hwmon)/in7_input"] = "26"
        files["\(hwmon)/curr4_input"] = "1272"
        for number in [0, 4] {
            let policy = "/sys/devices/system/cpu/cpufreq/policy\(number)"
            for (file, text) in [
                "affected_cpus": number == 0 ? "0 1 2 3" : "4 5", "cpuinfo_min_freq": "115200",
                "cpuinfo_max_freq": "1510400", "scaling_min_freq": "729600", "scaling_max_freq": "1510400",
                "scaling_cur_freq": "729600", "scaling_governor": "schedutil",
                "scaling_available_governors": "performance schedutil",
                "scaling_available_frequencies": "115200 729600 1113600 1510400",
            ] { files["\(policy)/\(file)"] = text }
        }
        return files
    }

    /// A PC: no device tree, no list of frequencies, counters of energy, a mouse's battery.
    public static var personalComputer: [String: String] {
        var files = common(model: "", totalKibibytes: 16_000_000)
        files["/proc/device-tree/model"] = nil
        files["/sys/class/dmi/id/product_name"] = "OptiPlex 7050"
        for number in 0..<2 {
            let policy = "/sys/devices/system/cpu/cpufreq/policy\(number)"
            for (file, text) in [
                "affected_cpus": "\(number)", "cpuinfo_min_freq": "800000", "cpuinfo_max_freq": "3600000",
                "scaling_min_freq": "800000", "scaling_max_freq": "3600000", "scaling_cur_freq": "800000",
                "scaling_governor": "powersave", "scaling_available_governors": "performance powersave",
            ] { files["\(policy)/\(file)"] = text }
        }
        let zone = "/sys/class/powercap/intel-rapl:0"
        files["/sys/class/powercap/intel-rapl/enabled"] = "1"
        files["\(zone)/name"] = "package-0"
        files["\(zone)/energy_uj"] = "262143000000"
        files["\(zone)/max_energy_range_uj"] = "262143328850"
        files["\(zone):0/name"] = "core"
        files["\(zone):0/energy_uj"] = "1000"
        files["\(zone):0/max_energy_range_uj"] = "262143328850"
        files["/sys/class/power_supply/AC/type"] = "Mains"
        files["/sys/class/power_supply/AC/online"] = "1"
        files["/sys/class/power_supply/hidpp_battery_0/type"] = "Battery"
        files["/sys/class/power_supply/hidpp_battery_0/scope"] = "Device"
        files["/sys/class/power_supply/hidpp_battery_0/status"] = "Discharging"
        return files
    }
}

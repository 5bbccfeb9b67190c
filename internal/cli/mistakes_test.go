package cli

import (
	"strings"
	"testing"
)

// What people mistype, and the two lines they read.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"api proj --paginate --limit abc":                      `--limit "abc" is no whole number|wfauth api --help`,
		"emulator --concurrent-limit x":                        `--concurrent-limit "x" is no whole number|wfauth emulator --help`,
		"emulator --concurrent-limit 1.5":                      `--concurrent-limit "1.5" is no whole number|wfauth emulator --help`,
		"emulator --concurrent-limit=":                         `--concurrent-limit "" is no whole number|wfauth emulator --help`,
		"emulator --listen nonsense --concurrent-limit -1":     `--concurrent-limit -1: it is 0 or more|wfauth emulator --help`,
		"emulator --concurrent-limit 99999999999999999999":     `--concurrent-limit 99999999999999999999: it is 9223372036854775807 at most|wfauth emulator --help`,
		"emulator --expires-in -99999999999999999999":          `--expires-in -99999999999999999999: it is -9223372036854775808 or more|wfauth emulator --help`,
		"emulator --projects 1000001":                          `--projects 1000001: it is 1000000 at most|wfauth emulator --help`,
		"emulator --tasks 99999999":                            `--tasks 99999999: it is 10000000 at most|wfauth emulator --help`,
		"emulator --seed -1":                                   `--seed -1: it is 0 or more|wfauth emulator --help`,
		"emulator --seed 99999999999999999999":                 `--seed 99999999999999999999: it is 18446744073709551615 at most|wfauth emulator --help`,
		"api proj --paginate --limit 0":                        `--limit 0: it is 1 or more|wfauth api --help`,
		"api proj --patience=-5s":                              `--patience -5s: it is 0s or more|wfauth api --help`,
		"api proj --max-time 0s":                               `--max-time 0s: it is more than nothing|wfauth api --help`,
		"token --min-ttl=-1s":                                  `--min-ttl -1s: it is 0s or more|wfauth token --min-ttl 2m`,
		"token --max-age 0s":                                   `--max-age 0s: it is more than nothing|wfauth token --max-age 30m`,
		"status --max-age 0s":                                  `--max-age 0s: it is more than nothing|wfauth status --max-age 30m`,
		"login acme --timeout 0s":                              `--timeout 0s: it is more than nothing|wfauth login --timeout 5m`,
		"login acme --timeout 10":                              `--timeout 10: a time has a unit, as 30s, 10m or 8h|wfauth login acme --timeout 10s`,
		"login acme --timeout=10":                              `--timeout 10: a time has a unit, as 30s, 10m or 8h|wfauth login acme --timeout=10s`,
		"api proj --max-time soon":                             `--max-time "soon" is no time: it is written 30s, 10m or 8h|wfauth api --help`,
		"api proj/search?a=b --pagniate":                       `there is no flag --pagniate|wfauth api 'proj/search?a=b' --paginate`,
		"api proj/search --pagniate --fields apiKey,sessionID": `there is no flag --pagniate|wfauth api --help`,
		"status --jsn":                                         `there is no flag --jsn|wfauth status --json`,
		"status --entirelydifferent":                           `there is no flag --entirelydifferent|wfauth status --help`,
		"api -v proj":                                          `there is no flag -v|wfauth api --debug proj`,
		"api -Z proj":                                          `there is no flag -Z|wfauth api --help`,
		"api --verbose proj":                                   `there is no flag --verbose|wfauth api --debug proj`,
		"api proj -f":                                          `-f wants a value|wfauth api --help`,
		"api proj --fields":                                    `--fields wants a value|wfauth api --help`,
		"api proj ---x":                                        `a flag is a word with two dashes before it|wfauth api --help`,
		"login acme --client-secret-stdin=CANARY-secret":       `--client-secret-stdin takes no value|wfauth login --help`,
		"login acme --client-secret CANARY-secret":             `there is no flag --client-secret: its value would stand in the process list; give the secret on stdin, or by WFAUTH_CLIENT_SECRET|wfauth login --client-secret-stdin < FILE`,
		"api proj --session-id CANARY-session":                 `there is no flag --session-id: its value would stand in the process list; give it by WFAUTH_SESSION_ID|wfauth token --help`,
		"login acme --passphrase CANARY-passphrase":            `there is no flag --passphrase: its value would stand in the process list|` + setVariable("WFAUTH_PASSPHRASE_FILE", "FILE"),
		"tokn": `unknown command "tokn"|wfauth token`,
	} {
		status, stdout, stderr := within(t, map[string]string{"WFAUTH_CONFIG_DIR": t.TempDir()}, strings.Fields(line)...)
		text, hint, _ := strings.Cut(want, "|")
		if want := "wfauth: " + text + "\n  hint: " + hint + "\n"; status != exitUsage || stdout != "" || stderr != want {
			t.Errorf("wfauth %s: exit status %d, stdout %q,\nstderr %swant   %s", line, status, stdout, stderr, want)
		}
		for _, problem := range hintProblems(stderr) {
			t.Errorf("wfauth %s: %s", line, problem)
		}
		if strings.Contains(stderr, "CANARY") {
			t.Errorf("wfauth %s: says the secret back", line)
		}
	}
	for _, habit := range [][]string{{"--version"}, {"-v"}, {"-v", "--json"}} {
		if status, stdout, _ := within(t, nil, habit...); status != exitDone || !strings.Contains(stdout, "commit") {
			t.Errorf("%q: exit status %d, %q", habit, status, stdout)
		}
	}
}

package internal_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A mutation is a guard of docs/security.md taken out, and the test that has to notice.
type mutation struct {
	guard string
	file  string // below internal/
	old   string // stands once in the file
	new   string
	test  string // TestName of the file's package, or "cli TestName"
}

// The guards, one by one. What stands in the place of each is what a careless change would leave.
var mutations = [...]mutation{
	{"login: the answer's state", "auth/callback.go", "subtle.ConstantTimeCompare([]byte(state), []byte(e.state)) != 1", "subtle.ConstantTimeCompare([]byte(state), []byte(e.state)) > 1", "TestStrangersCannotEndALogin"},
	{"login: an answer without state", "auth/callback.go", `case !given && e.allowMissingState && !q.Has("error"):`, `case !given && !q.Has("error"):`, "TestStrangersCannotEndALogin"},
	{"login: a parameter that stands twice", "auth/callback.go", "len(values) > 1", "len(values) > 9", "TestStrangersCannotEndALogin"},
	{"login: the issuer", "auth/callback.go", `q.Has("iss") && originOf`, `false && originOf`, "TestTenantAgreement"},
	{"login: another tenant", "auth/callback.go", `(got.domain == "" || got.domain == own.domain) &&`, "", "TestTenantAgreement"},
	{"login: Host", "auth/stranger.go", "case !at.allows(r.Host):", "case false:", "TestStrangersCannotEndALogin"},
	{"login: method", "auth/stranger.go", "r.Method != http.MethodGet", "false", "TestStrangersCannotEndALogin"},
	{"login: path", "auth/stranger.go", "orRoot(r.URL.EscapedPath()) != path", "false", "TestStrangersCannotEndALogin"},
	{"login: a page's script", "auth/stranger.go", `h.Get("Sec-Fetch-Mode") != "" && h.Get("Sec-Fetch-Mode") != "navigate"`, "false", "TestRefusal"},
	{"login: another user of the machine", "auth/stranger.go", "told && !own", "false && told && !own", "TestAnotherUsersAnswer"},
	{"login: the launcher's address, twice", "auth/opening.go", `!first && l.taken == "" && !(told && l.opening.told)`, "false", "TestOpenedTwiceByNobodyKnowsWhom"},
	{"login: the first answer counts", "auth/listener.go", `l.closed || l.taken != "" && l.taken != query`, "l.closed", "TestAnotherAnswer"},
	{"login: PKCE", "auth/pkce.go", "sha256.Sum256([]byte(verifier))", "sha256.Sum256(nil)", "TestLoginSendsWhatRFC6749And7636Want"},
	{"refusals: secrets in a server's words", "auth/answer.go", "masked(strings.Join(strings.Fields(text), \" \"), secrets)", "strings.Join(strings.Fields(text), \" \")", "TestShown"},
	{"session: whose it is", "auth/record.go", "r.Origin == app.Origin && ", "", "TestWhatASessionNeeds"},
	{"session: nothing is sent that could not be kept", "auth/session.go", "if err := reserve(ctx, s.Store); err != nil {\n\t\treturn Grant{}, err\n\t}\n", "", "TestNothingIsSentThatCouldNotBeKept"},
	{"store: read back", "secrets/item.go", "case !bytes.Equal(back, raw):", "case back == nil && !bytes.Equal(raw, raw):", "TestFirstSaveThatFails"},
	{"store: read back after the sealed copy", "secrets/recovery.go", "case !bytes.Equal(back, sealed):", "case back == nil && !bytes.Equal(sealed, sealed):", "TestRecoveryFileIsReadBack"},
	{"store: the higher generation", "secrets/item.go", "kept.Generation > e.Generation", "kept.Generation > 0", "TestKillPointsOfSave"},
	{"store: the sealed copy comes first", "secrets/item.go", `large || (!first && i.recovery.path != "")`, "large", "TestKillPointsOfSave"},
	{"store: the sealed copy stays a while", "secrets/item.go", "(first || i.lag == 0)", "true", "TestKeyringThatComesBackOlder"},
	{"store: a lock whose file has gone", "secrets/state.go", "i.held == nil || !i.held.stands()", "i.held == nil", "TestLockFileThatWasRemoved"},
	{"store: the lock", "secrets/lock.go", "if ok, err := f.TryLock(); !ok || err != nil {", "if ok, err := f.TryLock(); !ok && err != nil {", "TestLockBetweenProcesses"},
	{"store: 0600", "secrets/atomicfile.go", "os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600", "os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o644", "TestFileIsSealedAndPrivate"},
	{"store: a link in the place of the new file", "secrets/atomicfile.go", "if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {\n\t\treturn nil, err\n\t}\n\tf, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, 0o600)", "f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)", "TestPlantedTemporaryFile"},
	{"store: a file of another user", "secrets/ownfile.go", "if uid, ok := stranger(info); ok {", "if uid, ok := stranger(info); false && ok {", "TestFileOfAnotherUser"},
	{"store: a file that others could read", "secrets/ownfile.go", "wide != 0", "wide == 0o777", "TestSealedFileThatOthersCouldRead"},
	{"store: a foreign file", "secrets/unseal.go", "parts, ok := parseParts(data)\n\tif !ok {", "parts, ok := parseParts(data)\n\tif false && !ok {", "TestForeignFile"},
	{"sealed file: the passphrase in the environment first", "secrets/unseal.go", `text == "" && !f.noKernel`, "!f.noKernel", "TestUnlock"},
	{"sealed file: unlock and passwd want the passphrase", "secrets/unseal.go", ` && !f.noKernel && path == f.file`, "", "TestUnlock"},
	{"sealed file: the kernel forgets at a logout", "secrets/file.go", "_, _ = f.kernel.forget(f.kernelName())", "", "TestLockedAgain"},
	{"sealed file: the passphrase before the lock", "secrets/item.go", "if i.ready != nil {", "if false {", "TestPassphraseIsPaidForBeforeTheLock"},
	{"requests: a redirect off the origin", "workfront/redirect.go", "next.session = nil", "", "TestRedirectOffTheOrigin"},
	{"requests: off the origin over HTTPS", "workfront/redirect.go", "if !c.reaches(target) {", "if false {", "TestRedirectsNotFollowed"},
	{"requests: a full URL of another host", "workfront/path.go", "if !sameOrigin(u, c.Origin) {", "if false {", "TestResolveRefuses"},
	{"requests: dots in a path", "workfront/path.go", `segment == "." || segment == ".."`, "false", "TestResolveRefuses"},
	{"messages: no echo before the question", "terminal/prompt.go", "defer p.Streams.hushed()()\n\tfmt", "fmt", "TestSecretIsAskedForInSilence"},
	{"messages: secrets", "terminal/mask.go", `text = strings.ReplaceAll(text, value, "***")`, "_ = value", "TestMask"},
	{"messages: invisible characters in a secret", "terminal/mask.go", "if at == nil {\n\t\treturn text\n\t}\n\tfor _, value", "if at != nil {\n\t\treturn text\n\t}\n\tfor _, value", "TestMask"},
	{"gateway: Host", "gateway/caller.go", "if !own(r.Host) {", "if false && !own(r.Host) {", "TestWhoMayCall"},
	{"gateway: Sec-Fetch-Site", "gateway/caller.go", `site != "none" && site != "same-origin"`, `site == "-"`, "TestWhoMayCall"},
	{"gateway: Origin", "gateway/caller.go", `!strings.EqualFold(origin, "http://"+r.Host)`, `origin == "-"`, "TestWhoMayCall"},
	{"gateway: pages before keys", "gateway/gateway.go", "if err := g.stranger(r); err != nil {\n\t\treturn err\n\t}\n\tpath, ok := g.admit(r)\n\tif !ok {\n\t\treturn errUnknown\n\t}", "path, ok := g.admit(r)\n\tif !ok {\n\t\treturn errUnknown\n\t}\n\tif err := g.stranger(r); err != nil {\n\t\treturn err\n\t}", "TestWhoMayCall"},
	{"gateway: its key", "gateway/caller.go", "subtle.ConstantTimeCompare(sum[:], g.key[:]) == 1", `subtle.ConstantTimeCompare(sum[:], g.key[:]) == 1 || text != ""`, "TestKey"},
	{"gateway: what is given up", "gateway/turns.go", "if sent.Load() {", "if false && sent.Load() {", "TestTurnsOfThoseWhoGiveUp"},
	{"gateway: a key file of others", "gateway/keyfile_unix.go", "mode&0o077 != 0", "false", "TestKeyFileOfOthers"},
	{"gateway: a key that can be guessed", "gateway/key.go", "float64(len(text))*math.Log2(alphabet) < keyBits", "math.Log2(alphabet) > keyBits", "TestParseKey"},
	{"gateway: reading only", "gateway/request.go", "case changes && !g.Writing, changes && to.list:", "case changes && to.list:", "TestWhatMayPass"},
	{"gateway: login, logout, batch", "gateway/path.go", "slices.ContainsFunc(forbidden[:], func(f string) bool { return strings.EqualFold(f, name) })", "false && name != \"\" && slices.Contains(forbidden[:], name)", "TestPaths"},
	{"gateway: paths with two readings", "gateway/path.go", "strings.ContainsFunc(plain, ambiguous)", "false && strings.ContainsFunc(plain, ambiguous)", "TestPaths"},
	{"gateway: sessions in answers", "gateway/hide.go", "overwrite(text[from : from+len(secret)])", "", "TestSessionStaysHere"},
	{"gateway: a list that breaks off", "gateway/gateway.go", "panic(http.ErrAbortHandler)", "", "TestListFails"},
	{"emulator's page: Host", "emulator/control.go", `host != "localhost" && (ip == nil || !ip.IsLoopback())`, `host == "-" && ip == nil`, "TestStrangersToControl"},
	{"emulator's page: Origin", "emulator/control.go", `origin != "" && origin != "http://"+r.Host`, `origin == "-"`, "TestStrangersToControl"},
	{"emulator's page: its forms", "emulator/control.go", `subtle.ConstantTimeCompare([]byte(r.PostForm.Get("token")), []byte(c.token)) != 1`, `c.token == "" && subtle.ConstantTimeCompare(nil, nil) != 1`, "TestControlPage"},
	{"emulator's page: secrets", "emulator/controlgrants.go", `secret[:min(6, len(secret))]`, `secret`, "TestControlPage"},
}

// Every guard of the table is where the table says. With WFAUTH_TEST_MUTATIONS=1 each is taken out, one by one, and the named test has to
// go red: the compiler gets the changed file as an overlay, so that nothing here changes.
func TestMutations(t *testing.T) {
	t.Parallel()
	every := 0 // so many stand for one that is run; 0: none is
	if text := os.Getenv("WFAUTH_TEST_MUTATIONS"); text != "" {
		var err error
		if every, err = strconv.Atoi(text); err != nil || every < 1 {
			t.Fatalf("WFAUTH_TEST_MUTATIONS=%s: 1 runs all, 4 a quarter, another one at each time", text)
		}
	}
	first := rand.IntN(max(every, 1))
	atOnce := make(chan struct{}, 2)
	var printing sync.Mutex
	for i, m := range mutations {
		t.Run(m.guard, func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(filepath.FromSlash(m.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), m.old); n != 1 {
				t.Fatalf("%q stands %d times in %s", m.old, n, m.file)
			}
			dir, test := filepath.Dir(filepath.FromSlash(m.file)), m.test
			if pkg, name, ok := strings.Cut(m.test, " "); ok {
				dir, test = pkg, name
			}
			if !declares(t, dir, test) {
				t.Fatalf("no %s in %s", test, dir)
			}
			if every == 0 || i%every != first {
				return
			}
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			began := time.Now()
			out, err := withOverlay(t, m, strings.Replace(string(source), m.old, m.new, 1), "./"+filepath.ToSlash(dir), test)
			printing.Lock()
			defer printing.Unlock()
			switch {
			case err == nil:
				t.Errorf("%s stays green without it", test)
			case !strings.Contains(out, "--- FAIL: "+test) && !strings.Contains(out, "panic: ") && !strings.Contains(out, "DATA RACE"):
				t.Errorf("%s did not run: %s", test, out)
			default:
				t.Logf("%s → %s went red (%.0f s)", m.guard, test, time.Since(began).Seconds())
			}
		})
	}
}

// declares says whether a package's tests have a function.
func declares(t *testing.T, dir, test string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+test+"(t *testing.T)") {
			return true
		}
	}
	return false
}

// withOverlay runs one test with one file changed. A variable or an import that is no longer used is not what the test is about, so what
// does not compile is told apart by its output.
func withOverlay(t *testing.T, m mutation, changed, pkg, test string) (out string, err error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	original, err := filepath.Abs(filepath.FromSlash(m.file))
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: file}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-vet=off", "-timeout=40s", "-overlay="+filepath.Join(dir, "overlay.json"), "-run=^"+test+"$", pkg)
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "WFAUTH_TEST_FULL=") && !strings.HasPrefix(pair, "WFAUTH_TEST_MUTATIONS=") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	text, err := cmd.CombinedOutput()
	return string(text), err
}

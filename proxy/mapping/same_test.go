package mapping

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/itchyny/gojq"
	"go.yaml.in/yaml/v3"
)

// refusedOnPurpose are the interpreter's cases that end otherwise with guards: numbers that are far beyond any list or text.
var refusedOnPurpose = []string{
	"array indexing and slicing by large number", "array indexing and slicing by large integer", "array indexing and slicing by infinite",
	"factorial calculation", "multiply strings error", "assignment operator array index limit error",
}

// theirCase is a case of the interpreter's own tests.
type theirCase struct {
	Name, Input string
	Args        []string
}

// program is what a case runs, and "" where it needs what programs here do not have.
func (c *theirCase) program() (program string) {
	for _, arg := range c.Args {
		switch {
		case slices.Contains([]string{"-c", "-n", "-r", "-j", "-S", "-e", "--tab", "--indent=1"}, arg):
		case strings.HasPrefix(arg, "-") && !strings.Contains(arg, " "), program != "":
			return ""
		default:
			program = arg
		}
	}
	for _, word := range []string{"now", "localtime", "builtins"} {
		if strings.Contains(program, word) {
			return ""
		}
	}
	return program
}

// The guards change nothing else: what the interpreter's own tests run comes out the same, values and errors.
func TestGuardedProgramsComeOutTheSame(t *testing.T) {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/itchyny/gojq").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "cli", "test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []theirCase
	if err := yaml.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for i := range cases {
		c := &cases[i]
		input, err := decode([]byte(c.Input))
		if err != nil {
			continue // several inputs, or none that is JSON
		}
		want, compiles := runPlain(t.Context(), c.program(), input)
		if !compiles {
			continue
		}
		input, _ = decode([]byte(c.Input))
		got := runGuarded(t, c.program(), input)
		ran++
		if isSame := slices.Equal(want, got); isSame == slices.Contains(refusedOnPurpose, c.Name) {
			t.Errorf("%s: %s\nmade %.300q\nwant %.300q", c.Name, c.program(), got, want)
		}
	}
	t.Logf("%d of %d cases", ran, len(cases))
	if ran < 500 {
		t.Errorf("%d of %d cases ran", ran, len(cases))
	}
}

// runPlain returns what a program makes without guards.
func runPlain(ctx context.Context, source string, input any) (made []string, compiles bool) {
	query, err := gojq.Parse(source)
	if err != nil || source == "" {
		return nil, false
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return listed(code.RunWithContext(ctx, input)), true
}

func runGuarded(t *testing.T, source string, input any) (made []string) {
	t.Helper()
	p, err := compileProgram(source, nil, limits{input: defaultMaxBytes, output: defaultMaxBytes, timeout: defaultTimeout})
	if err != nil {
		return []string{err.Error()}
	}
	code := p.code
	if p.perRun != nil {
		if code, err = p.perRun(); err != nil {
			t.Fatal(err)
		}
	}
	m := newMeter(t.Context(), time.Minute)
	return listed(code.RunWithContext(m, input, 200, map[string]any{}, map[string]any{}, m))
}

// listed returns the first values, and the error that they end with.
func listed(iter gojq.Iter) (made []string) {
	for range 200 {
		v, more := iter.Next()
		if !more {
			break
		}
		if err, failed := v.(error); failed {
			return append(made, "error: "+err.Error())
		}
		made = append(made, gojq.TypeOf(v)+" "+jsonOf(v))
	}
	return made
}

func jsonOf(v any) string {
	text, err := gojq.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

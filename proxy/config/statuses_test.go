package config_test

import (
	"testing"

	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

func TestStatusPatterns(t *testing.T) {
	for name, row := range map[string]struct {
		patterns []string
		in, out  []int
	}{
		"none is 2xx":     {nil, []int{200, 204, 299}, []int{199, 300, 0, -1, 600}},
		"one":             {[]string{"404"}, []int{404}, []int{403, 405}},
		"a class":         {[]string{"4xx"}, []int{400, 499}, []int{399, 500}},
		"a range":         {[]string{"200-204"}, []int{200, 202, 204}, []int{199, 205}},
		"a range of one":  {[]string{"200-200"}, []int{200}, []int{201}},
		"all":             {[]string{"100-599"}, []int{100, 163, 164, 599}, []int{99, 600, 1 << 40, -1 << 40}},
		"several overlap": {[]string{"5xx", "503", "599"}, []int{500, 503, 599}, []int{499}},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := config.ParseStatuses(row.patterns)
			if err != nil {
				t.Fatal(err)
			}
			for _, status := range row.in {
				if !set.Matches(status) {
					t.Errorf("%d is not in it", status)
				}
			}
			for _, status := range row.out {
				if set.Matches(status) {
					t.Errorf("%d is in it", status)
				}
			}
		})
	}
}

func TestStatusPatternsThatAreRefused(t *testing.T) {
	for _, pattern := range []string{"", "xx", "0xx", "6xx", "44xx", "4x", "4XX", "40", "4040", "099", "600", "204-200", "200-", "-200", "200-2xx", "200 - 204", "+20", "any"} {
		if _, err := config.ParseStatuses([]string{"200", pattern}); err == nil {
			t.Errorf("%q is accepted", pattern)
		}
	}
}

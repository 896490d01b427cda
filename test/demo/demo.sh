#!/usr/bin/env bash
# Shows, command by command, what an Ambassador does, and fails where a fact that
# it claims does not hold. `make demo` prepares the cluster and calls it.
#
#   STATE         state folder of the cluster
#   KUBECONFIG    the cluster
#   PACE          seconds to read between two steps (default 1)
#   TMDB_API_KEY  use The Movie DB itself where it can be reached
set -Eeuo pipefail
trap 'printf "\n✗ The demo fails: %s\n" "$BASH_COMMAND" >&2' ERR
cd "$(dirname "$0")/../.."
export PATH="${STATE:?}/bin:$PATH"

readonly namespace=ambassador-demo
readonly refusal='{"status_code":7,"status_message":"Invalid API key: You must be granted a valid key.","success":false}'
# Neither key is ever printed: what is shown names the variable.
export KEY=first-key-of-the-demo NEXT_KEY=second-key-of-the-demo
export OMDB_KEY=first-key-of-omdb NEXT_OMDB_KEY=second-key-of-omdb
service=http://tmdb.tmdb.svc.cluster.local/3
omdb=http://omdb.omdb.svc.cluster.local
manifest=test/demo/themoviedb.yaml

if [[ -t 1 ]]; then bold=$'\e[1m' green=$'\e[32m' plain=$'\e[0m'; else bold='' green='' plain=''; fi
step() { sleep "${PACE:-1}"; printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
fact() { printf '%s✓ %s%s\n' "$green" "$*" "$plain"; }
fail() { printf '\n✗ The demo fails: %s\n' "$*" >&2; exit 1; }

# run shows a command as a person would type it, and runs it as shown.
run() { printf '%s$ %s%s\n' "$bold" "$1" "$plain"; sleep "${PACE:-1}"; bash -euo pipefail -c "$1"; }
# ask is run, and keeps the output in $answer.
ask() { printf '%s$ %s%s\n' "$bold" "$1" "$plain"; sleep "${PACE:-1}"; answer=$(bash -uo pipefail -c "$1" 2>&1) || true; printf '%s\n' "$answer"; }
pods() { kubectl get pods -n "$namespace" -l "ambassador-operator.io/ambassador=$1" -o jsonpath='{range .items[*]}{.metadata.uid}{range .status.initContainerStatuses[*]} {.restartCount}{end}{range .status.containerStatuses[*]} {.restartCount}{end}{"\n"}{end}' | sort; }
# clear_away deletes the Deployments of a namespace that an earlier run left: their images may have been built anew since,
# under the same name.
clear_away() { kubectl delete deployment -n "$1" --all --ignore-not-found >/dev/null; }

use_the_real_service() {
  [[ -n ${TMDB_API_KEY:-} ]] || return 1
  curl -sf -m 10 -o /dev/null --get --data-urlencode "api_key@-" https://api.themoviedb.org/3/configuration <<<"$TMDB_API_KEY" || {
    echo "The Movie DB can not be reached with TMDB_API_KEY: using the stand-in."
    return 1
  }
  service=https://api.themoviedb.org/3
  manifest=${STATE:?}/themoviedb.yaml
  sed "s|http://tmdb.tmdb.svc.cluster.local/3|$service|" test/demo/themoviedb.yaml >"$manifest"
  KEY=$TMDB_API_KEY NEXT_KEY=a-key-that-was-never-granted
}

install() {
  step 'Install the operator'
  clear_away ambassador-system
  run 'kubectl apply --server-side --force-conflicts -f dist/install.yaml'
  run 'kubectl rollout status -n ambassador-system deployment --timeout=180s'
  use_the_real_service && return
  step 'Start the stand-in for The Movie DB, a service somewhere else'
  clear_away tmdb
  run 'kubectl apply -f test/demo/tmdb.yaml'
  run 'kubectl rollout status -n tmdb deployment/tmdb --timeout=120s'
}

create() {
  step 'Put the key in a Secret'
  kubectl delete namespace "$namespace" --ignore-not-found >/dev/null
  kubectl create namespace "$namespace" >/dev/null
  kubectl config view --raw --minify >"$STATE/demo.kubeconfig"
  export KUBECONFIG=$STATE/demo.kubeconfig
  kubectl config set-context --current --namespace="$namespace" >/dev/null
  run 'kubectl create secret generic themoviedb --from-literal=apikey=$KEY'
  step 'Ask for an ambassador beside the application'
  run "cat $manifest"
  run "kubectl apply -f $manifest"
  run 'kubectl wait amb/themoviedb --for=condition=Ready --timeout=120s'
}

call() {
  step 'The application asks localhost, and gets movies'
  ask 'kubectl exec deploy/themoviedb -c main -- curl -s localhost:8080/movies | cut -c -600'
  [[ $answer == *'"results":['* && $answer == *'"title":'* ]] || fail 'localhost:8080/movies answers no movies'
  fact 'The application got movies without knowing the service, its path or its key.'

  step 'The same call straight to the service'
  ask "kubectl exec deploy/themoviedb -c main -- curl -s $service/discover/movie"
  [[ $answer == "$refusal" ]] || fail 'the service does not refuse the call without a key'
  fact 'The service refuses it: the application holds no key.'
}

search() {
  step 'The application looks for the key'
  ask 'kubectl exec deploy/themoviedb -c main -- find / -path /proc -prune -o -name apikey -print'
  [[ -z $answer ]] || fail 'the main container has a file apikey'
  ask 'kubectl exec deploy/themoviedb -c main -- ls /etc/ambassador'
  [[ $answer == *'No such file'* ]] || fail 'the main container sees the folder of the sidecar'
  ask 'kubectl exec deploy/themoviedb -c main -- env'
  [[ $answer != *"$KEY"* ]] || fail 'the main container has the key in its environment'
  fact 'Neither a file nor a variable has it.'
}

# rotated DEPLOYMENT PATH SERVICE asks until the answer shows that the next key
# was used, and fails on an answer that shows neither.
rotated() {
  local deadline=$((SECONDS + 90))
  while ((SECONDS < deadline)); do
    answer=$(kubectl exec "deploy/$1" -c main -- curl -si "localhost:8080$2")
    case $3 in
      https:*) [[ $answer == *"Invalid API key"* ]] && return ;;
      *)
        [[ $answer == 'HTTP/1.1 200'* ]] || fail "a call failed during the rotation: $answer"
        grep -qi '^key-number: 2' <<<"$answer" && return
        ;;
    esac
    sleep 0.5
  done
  fail 'the next key was not used within 90 s'
}

rotate() {
  step 'Rotate the key'
  local before
  before=$(pods themoviedb)
  run 'kubectl create secret generic themoviedb --from-literal=apikey=$NEXT_KEY --dry-run=client -o yaml | kubectl apply -f - 2>/dev/null'
  echo 'calling until the next key is used …'
  rotated themoviedb /movies "$service"
  ask 'kubectl exec deploy/themoviedb -c main -- curl -si localhost:8080/movies | grep -i -e ^HTTP -e ^key-number'
  [[ $(pods themoviedb) == "$before" ]] || fail 'a Pod or container was started anew by the rotation'
  run 'kubectl get pods'
  fact 'The service saw the next key, no call failed, and nothing was restarted.'
}

look() {
  step 'What the operator says'
  ask 'kubectl get amb'
  [[ $answer == *True* ]] || fail 'the Ambassador is not Ready'
  ask $'kubectl get amb themoviedb -o jsonpath=\'{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\\n"}{end}\''
  for condition in Ready Accepted CredentialsReady Isolated; do
    [[ $answer == *"$condition=True"* ]] || fail "the condition $condition is not True"
  done
}

second_service() {
  step 'Act two: a second movie service, of quite another shape'
  clear_away omdb
  run 'kubectl apply -f test/demo/omdb.yaml'
  run 'kubectl rollout status -n omdb deployment/omdb --timeout=120s'
  ask "kubectl exec deploy/themoviedb -c main -- curl -s '$omdb/?s=matrix'"
  [[ $answer == '{"Response":"False","Error":"No API key provided."}' ]] || fail 'the second service does not refuse the call without a key'
  run 'kubectl create secret generic omdb --from-literal=apikey=$OMDB_KEY'
}

unite() {
  step 'One interface for both'
  if [[ $service == https:* ]]; then # the rotation left it a key that was never granted
    kubectl create secret generic themoviedb --from-literal=apikey="$KEY" --dry-run=client -o yaml | kubectl apply -f - 2>/dev/null
  fi
  run "sed -e 's|https://api.themoviedb.org/3|$service|' -e 's|https://www.omdbapi.com|$omdb|' \\
    -e 's|ghcr.io/acme/app:1.4|ambassador.local/curl:dev, args: [sleep infinity]|' config/samples/movies.yaml | kubectl apply -f -"
  run 'kubectl wait amb/movies amb/omdb --for=condition=Ready --timeout=120s'

  step 'What is popular is one service’s, what is searched for the other’s'
  local list='^\{"page":1,"pages":[0-9]+,"results":\[\{"id":"[^"]+","source":"[a-z]+","title":"[^"]+","year":[0-9]+\}'
  ask 'kubectl exec deploy/movies -c main -- curl -s localhost:8080/movies | cut -c -300'
  [[ $answer =~ $list && $answer == *'"source":"themoviedb"'* ]] || fail 'the list is not in the one format'
  ask 'kubectl exec deploy/movies -c main -- curl -s localhost:8080/movies/search/matrix'
  [[ $answer =~ $list && $answer == *'"source":"omdb"'* ]] || fail 'the search is not in the one format'
  ask $'kubectl exec deploy/movies -c main -- curl -s -w \'\\n\' localhost:8080/movies/603 localhost:8080/movies/imdb/tt0133093'
  [[ $answer == '{"id":"603","minutes":136,"source":"themoviedb","title":"The Matrix","year":1999}
{"id":"imdb/tt0133093","minutes":136,"source":"omdb","title":"The Matrix","year":1999}' ]] || fail 'the films are not in the one format'
  fact 'The application knows one format, one address and no key.'
}

err() {
  step 'A film that neither knows: one answers 404, the other 200 with an error in it'
  ask $'kubectl exec deploy/movies -c main -- curl -s -w \' %{http_code}\\n\' localhost:8080/movies/0 localhost:8080/movies/imdb/tt0000001'
  local error='\{"error":\{"message":"[^"]+","status":404\}\} 404'
  [[ $answer =~ ^$error$'\n'$error$ ]] || fail 'the errors are not in the one format'
  fact 'The application gets one kind of error, and its status.'
}

remember() {
  step 'What was asked for a moment ago'
  ask 'kubectl exec deploy/movies -c main -- curl -si localhost:8080/movies | grep -i -e ^HTTP -e ^cache-status -e ^age'
  [[ ${answer,,} == *cache-status:*hit* ]] || fail 'the list does not come from the cache'
  fact 'The list came from the sidecar’s cache: the service was not asked again.'
}

rotate_second() {
  step 'Rotate the second key'
  local before
  before=$(pods movies)
  run 'kubectl create secret generic omdb --from-literal=apikey=$NEXT_OMDB_KEY --dry-run=client -o yaml | kubectl apply -f - 2>/dev/null'
  echo 'calling until the next key is used …'
  rotated movies /movies/imdb/tt0133093 "$omdb"
  [[ $(pods movies) == "$before" ]] || fail 'a Pod or container was started anew by the rotation'
  ask 'kubectl get amb'
  [[ $answer == *movies*omdb*themoviedb* && $answer != *False* ]] || fail 'an Ambassador is not Ready'
  fact 'Each service has its own key, and each rotates in place.'
}

finish() {
  cat <<TEXT

Look further:
  export KUBECONFIG=$KUBECONFIG PATH=$STATE/bin:\$PATH
  kubectl explain ambassador.spec
  kubectl describe amb themoviedb
  kubectl get deploy/themoviedb -o yaml
  kubectl delete secret themoviedb          # calls answer 503 credential-missing until it is back
Clean up:
  kubectl delete namespace $namespace tmdb omdb
  make cluster-down
TEXT
}

install
create
call
search
rotate
look

second_service
unite
err
remember
rotate_second
finish

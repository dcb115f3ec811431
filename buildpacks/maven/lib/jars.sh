# What Maven left below its target folders.

# The jars that modules made, without those for developers.
built_jars() {
  find . \( -name .git -o -name src -o -name node_modules \) -prune -o -type f -path '*target/*' \( -name '*.jar' -o -name '*.war' \) -print |
    sed 's#^\./##' | grep -E '(^|/)target/([^/]+|quarkus-app/quarkus-run\.jar)$' |
    grep -vE '(-sources|-javadoc|-tests|-test-sources)\.jar$|(^|/)original-[^/]*$' | sort
}

# Every jar below a target folder that plugins put there.
libraries() {
  find . \( -name .git -o -name src -o -name classes -o -name test-classes \) -prune -o -type f -path '*target/*/*.jar' -print |
    sed 's#^\./##' | awk -v app="$runnable" '$0 != app' | sort
}

# refuse_no_jar JAR: one that does not start, empty where there is none.
refuse_no_jar() {
  if [[ -z $1 ]]; then
    refuse "Maven made no jar" "set <packaging>jar</packaging> in pom.xml, or say in a Procfile how the app starts"
  fi
  refuse "$1 does not say which class starts (no Main-Class)" \
    "name it with <mainClass> for the maven-jar-plugin, or in a Procfile: 'web: java -cp target/classes com.example.Main'"
}

how_to_copy_libraries="copy the dependencies there with the maven-dependency-plugin (copy-dependencies, outputDirectory target/lib)"

remove_leftovers() {
  find . -type d \( -name maven-status -o -name maven-archiver -o -name surefire-reports -o -name test-classes \
    -o -name generated-test-sources \) -path '*target/*' -prune -exec rm -rf {} +
  find . -type f -path '*target/*.original' -delete
}
